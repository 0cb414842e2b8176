import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { CredentialsStore } from './credentials.ts';
import { meshTlsParameters } from './parameters.ts';

export type TlsRefusal = 'server_name' | 'certificate' | 'handshake' | 'no_credentials';

export interface MeshTlsOptions {
  /** The own identity; only handshakes that name it as SNI are answered. */
  readonly serverName: string;
  readonly credentials: CredentialsStore;
}

export interface MeshTlsEvents {
  onSecure(socket: TLSSocket): void;
  onRefused(reason: TlsRefusal, error: Error, peer: string): void;
}

class RefusedHandshake extends Error {
  readonly reason: TlsRefusal;
  constructor(reason: TlsRefusal, message: string) {
    super(message);
    this.name = 'RefusedHandshake';
    this.reason = reason;
  }
}

/**
 * A server that ends mesh TLS: TLS 1.3, answers to its own name alone, asks for a client certificate without
 * requiring one and refuses one that does not lead to the trust anchors. Peers that offer no ALPN are served.
 */
export function createMeshTlsServer(
  options: MeshTlsOptions,
  events: MeshTlsEvents,
  handshakeMs: number,
): Server {
  const ownName = options.serverName.toLowerCase();
  // The server itself has no certificate, so a hello without a server name finds none and fails.
  const server = createServer({
    ...meshTlsParameters,
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeMs,
    // Generic gRPC clients insist on h2; mesh peers offer nothing and get nothing.
    ALPNProtocols: ['h2'],
    SNICallback: (name, done) => {
      const loaded = options.credentials.current;
      if (name.toLowerCase() !== ownName) {
        done(new RefusedHandshake('server_name', `server name "${name}" is not "${ownName}"`));
      } else if (loaded?.leaf === undefined) {
        done(new RefusedHandshake('no_credentials', `no certificate for "${ownName}" yet`));
      } else done(null, loaded.context);
    },
  });
  server.on('tlsClientError', (error, socket) => {
    socket.on('error', () => {});
    events.onRefused(refusalOf(error), error, peerOf(socket));
    // Node reports a handshake that takes too long and leaves the socket open.
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      const reason = String(socket.authorizationError);
      socket.on('error', () => {});
      events.onRefused('certificate', new Error(`client certificate refused: ${reason}`), peerOf(socket));
      socket.destroy();
      return;
    }
    events.onSecure(socket);
  });
  return server;
}

function refusalOf(error: Error): TlsRefusal {
  return error instanceof RefusedHandshake ? error.reason : 'handshake';
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
}
