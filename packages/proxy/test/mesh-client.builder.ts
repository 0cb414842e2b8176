import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import { encodeTransportHeader, type TransportHeader } from '../src/transport-header/header.ts';
import type { ControlPlane } from './control-plane.builder.ts';
import { ORDERS } from './proxy-process.builder.ts';

export interface MeshClientOptions {
  /** Who the client is. */
  readonly identity: string;
  readonly header: TransportHeader;
}

/** A connection as another proxy opens it to this proxy itself: mutual TLS, then a header. */
export function dialDirect(
  controlPlane: ControlPlane,
  ip: string,
  port: number,
  { identity, header }: MeshClientOptions,
): Promise<TLSSocket> {
  const { key, leaf, intermediates } = controlPlane.certify(identity);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: ip,
      port,
      servername: ORDERS,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['transport.l5d.io/v1'],
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: [leaf, ...intermediates].map((certificate) => certificate.toString()).join(''),
      ca: controlPlane.root.certificate.toString(),
      checkServerIdentity: () => undefined,
    });
    socket.once('secureConnect', () => {
      // Node's HTTP/2 must not find a write under way.
      socket.write(encodeTransportHeader(header), () => resolve(socket));
    });
    socket.once('error', reject);
    socket.on('error', () => {});
  });
}

/** Speaks HTTP/2 over it. */
export const http2Over = (socket: TLSSocket): ClientHttp2Session =>
  connectHttp2('http://mesh', { createConnection: () => socket }).on('error', () => {});

/** What comes over it, until it ends. */
export async function readAll(socket: TLSSocket): Promise<string> {
  let text = '';
  try {
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
  } catch {
    // A broken connection has said what it had to say.
  }
  return text;
}
