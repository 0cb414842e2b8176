// Asks again and again until the status is the one wanted, and prints when that was, in milliseconds since the
// epoch: until-status.mjs URL STATUS TIMEOUT_MS
import { request } from 'node:http';

const [url, wanted, timeout] = process.argv.slice(2);
const deadline = Date.now() + Number(timeout);

function ask() {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    asked.on('error', (error) => resolve(error.code));
    asked.end();
  });
}

let status = '';
while (Date.now() < deadline) {
  status = await ask();
  if (status === wanted) {
    console.log(Date.now());
    process.exit(0);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.error(`the last status was ${status}`);
process.exit(1);
