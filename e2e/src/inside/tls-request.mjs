// Opens TLS to a proxy as another proxy would, sends one request and prints the status of the answer, or why there is
// none, and who signed the server's certificate: tls-request.mjs HOST PORT SNI PATH, the client's certificate and key
// as JSON {certificate, key} in the environment variable LEAF.
import { connect } from 'node:tls';

const [host, port, servername, path] = process.argv.slice(2);
const { certificate, key } = JSON.parse(process.env.LEAF ?? '{}');
const socket = connect({
  host,
  port: Number(port),
  servername,
  minVersion: 'TLSv1.3',
  rejectUnauthorized: false,
  ...(certificate && { cert: certificate, key }),
});
let answer = '';
let issuer = '';
const end = (outcome) => {
  console.log(JSON.stringify({ outcome, issuer }));
  process.exit(0);
};
socket.setTimeout(5000, () => end('timeout'));
socket.on('secureConnect', () => {
  issuer = socket.getPeerCertificate(true).issuerCertificate?.serialNumber ?? '';
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${servername}\r\nconnection: close\r\n\r\n`);
});
socket.on('data', (part) => {
  answer += part;
  const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  if (status) end(status);
});
socket.on('error', (error) => end(error.code ?? error.message));
socket.on('close', () => end('closed'));
