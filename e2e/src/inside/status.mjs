// Asks an HTTP service and prints the status: status.mjs URL [HEADER=VALUE]
import { request } from 'node:http';

const [url, header] = process.argv.slice(2);
const headers = header === undefined ? {} : Object.fromEntries([header.split('=')]);
const asked = request(url, { headers, timeout: 5000 }, (response) => {
  response.resume();
  response.on('end', () => console.log(response.statusCode));
});
asked.on('error', (error) => console.log(error.code ?? error.message));
asked.end();
