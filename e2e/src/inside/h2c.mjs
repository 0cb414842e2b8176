// Asks a service that speaks HTTP/2 without TLS and prints its status and body: h2c.mjs ORIGIN PATH
import { connect } from 'node:http2';

const [origin, path] = process.argv.slice(2);
const session = connect(origin);
const end = (text) => {
  console.log(text);
  process.exit(0);
};
session.on('error', (error) => end(error.message));
const stream = session.request({ ':path': path });
let status = '';
let body = '';
stream.on('response', (headers) => {
  status = headers[':status'];
});
stream.setEncoding('utf8').on('data', (part) => {
  body += part;
});
stream.on('error', (error) => end(error.message));
stream.on('end', () => end(`${status} ${body}`));
setTimeout(() => end('no answer in time'), 8000);
