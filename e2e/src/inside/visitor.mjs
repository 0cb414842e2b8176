// Visits a service at a pace, every time over a connection of its own, and prints a line of JSON for each visit:
// visitor.mjs URL EVERY_MS
import { Agent, request } from 'node:http';

const [url, everyMs] = process.argv.slice(2);

function tell(visit) {
  console.log(JSON.stringify({ at: Date.now(), ...visit }));
}

setInterval(() => {
  const asked = request(
    url,
    { agent: new Agent({ keepAlive: false }), timeout: 10_000 },
    async (response) => {
      try {
        const body = (await response.setEncoding('utf8').toArray()).join('');
        tell({ status: response.statusCode, body });
      } catch (error) {
        tell({ status: 0, body: error.message });
      }
    },
  );
  asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')));
  asked.on('error', (error) => tell({ status: 0, body: error.message }));
  asked.end();
}, Number(everyMs));
process.on('SIGTERM', () => process.exit(0));
