// Takes every TLS connection to a proxy's port, whoever is asked for, with the certificate of somebody else: LEAF holds
// it as JSON {certificate, key}.
import { createServer } from 'node:tls';

const { certificate, key } = JSON.parse(process.env.LEAF);
const server = createServer({
  cert: certificate,
  key,
  minVersion: 'TLSv1.3',
  ALPNProtocols: ['transport.l5d.io/v1'],
});
server.on('secureConnection', (socket) => socket.on('error', () => socket.destroy()));
server.on('tlsClientError', () => undefined);
server.listen(4143, () => console.log('waiting for whoever asks for somebody else'));
process.on('SIGTERM', () => process.exit(0));
