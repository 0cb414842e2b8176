// Asks HTTP services one after the other, each over a connection of its own, and prints the answers as JSON, a list of
// {status, body, ms}; where there is no answer, the status is 0 and the body says why: ask.mjs URL…
import { request } from 'node:http';

const TIMEOUT_MS = 8000;

function ask(url) {
  const begun = performance.now();
  const { promise, resolve } = Promise.withResolvers();
  const end = (status, body) => resolve({ status, body, ms: Math.round(performance.now() - begun) });
  const asked = request(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (part) => {
      body += part;
    });
    response.on('end', () => end(response.statusCode, body));
    response.on('error', (error) => end(0, error.message));
  });
  asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
  asked.on('error', (error) => end(0, error.code ?? error.message));
  asked.end();
  return promise;
}

const answers = [];
for (const url of process.argv.slice(2)) answers.push(await ask(url));
console.log(JSON.stringify(answers));
