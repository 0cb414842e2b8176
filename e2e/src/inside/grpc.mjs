// Asks a service of the control plane over mesh TLS, as a proxy would, and prints its first message or why there is
// none, as JSON {code, message, answer}: grpc.mjs HOST PORT SERVER_NAME METHOD REQUEST CREDENTIALS, the request in base64,
// the credentials as JSON {anchors, certificate, key}.
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';

const [host, port, servername, method, request, credentials] = process.argv.slice(2);
const { anchors, certificate, key } = JSON.parse(credentials);
const message = Buffer.from(request, 'base64');
const head = Buffer.alloc(5);
head.writeUInt32BE(message.length, 1);

function end(code, text, answer = '') {
  console.log(JSON.stringify({ code, message: text, answer }));
  process.exit(0);
}

// No HTTP names are compared: whose certificate it is stands in the name that was asked for.
const tls = connectTls({
  ...{ host, port: Number(port), servername, ca: anchors, minVersion: 'TLSv1.3' },
  ...(certificate && { cert: certificate, key }),
});
tls.on('error', (error) => end(-1, error.message));
tls.on('secureConnect', () => {
  const session = connectHttp2(`https://${servername}`, { createConnection: () => tls });
  session.on('error', (error) => end(-1, error.message));
  const stream = session.request({
    ':method': 'POST',
    ':path': method,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let answer = Buffer.alloc(0);
  const status = (headers) => {
    if (headers['grpc-status'] === undefined) return;
    end(Number(headers['grpc-status']), decodeURIComponent(headers['grpc-message'] ?? ''));
  };
  stream.on('error', (error) => end(-1, error.message));
  stream.on('response', status);
  stream.on('trailers', status);
  stream.on('data', (part) => {
    answer = Buffer.concat([answer, part]);
    if (answer.length < 5 || answer.length < 5 + answer.readUInt32BE(1)) return;
    end(0, '', answer.subarray(5, 5 + answer.readUInt32BE(1)).toString('base64'));
  });
  stream.on('close', () => end(-1, 'closed without an answer'));
  stream.end(Buffer.concat([head, message]));
});
setTimeout(() => end(-1, 'no answer in time'), 10_000);
