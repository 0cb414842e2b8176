// Visits services at a pace, every time over connections of its own, and prints a line of JSON for each visit:
// visitor.mjs EVERY_MS URL…
import { Agent, request } from 'node:http';

const [everyMs, ...urls] = process.argv.slice(2);

function visit(url) {
  const tell = (visited) => console.log(JSON.stringify({ at: Date.now(), url, ...visited }));
  const agent = new Agent({ keepAlive: false });
  const asked = request(url, { agent, timeout: 10_000 }, async (response) => {
    try {
      const body = (await response.setEncoding('utf8').toArray()).join('');
      tell({ status: response.statusCode, body });
    } catch (error) {
      tell({ status: 0, body: error.message });
    }
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')));
  asked.on('error', (error) => tell({ status: 0, body: error.message }));
  asked.end();
}

setInterval(() => urls.forEach(visit), Number(everyMs));
process.on('SIGTERM', () => process.exit(0));
