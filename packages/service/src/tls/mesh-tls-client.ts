import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { describeError } from '../log/describe-error.ts';
import { ServiceError } from '../service-error.ts';
import type { CredentialsStore } from './credentials.ts';
import { meshTlsParameters } from './parameters.ts';
import { hasIdentity } from './subject-names.ts';

export interface MeshTlsClientOptions {
  /** The name sent as SNI. */
  readonly serverName: string;
  /** The identity the server must prove; by default the server name. */
  readonly serverId?: string;
  readonly credentials: CredentialsStore;
  /** How long the handshake may take, in ms. */
  readonly handshakeMs?: number;
}

/**
 * Begins mesh TLS on a connected socket. The chain must lead to the trust anchors and the leaf must hold
 * `serverId`; the SNI name itself is not compared. No ALPN is offered. On failure the socket is destroyed.
 * @throws ServiceError `unavailable` that names the server and what it failed.
 */
export function startMeshTls(socket: Socket, options: MeshTlsClientOptions): Promise<TLSSocket> {
  const { serverName, serverId = serverName, credentials, handshakeMs = 10_000 } = options;
  const loaded = credentials.current;
  if (loaded === undefined) {
    socket.destroy();
    return Promise.reject(new ServiceError('unavailable', `no trust anchors to verify ${serverId} with`));
  }
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const tls: TLSSocket = connect({
    ...meshTlsParameters,
    socket,
    secureContext: loaded.context,
    rejectUnauthorized: true,
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    // The chain has been verified; what remains is whose it is.
    checkServerIdentity: () => {
      const certificate = tls.getPeerX509Certificate();
      if (certificate !== undefined && hasIdentity(certificate, serverId)) return undefined;
      const found = certificate?.subjectAltName ?? 'no certificate';
      return new Error(`expected identity ${serverId}, found ${found}`);
    },
  });
  const timer = setTimeout(
    () => tls.destroy(new Error(`TLS handshake took over ${handshakeMs} ms`)),
    handshakeMs,
  );
  tls.once('secureConnect', () => resolve(tls));
  tls.on('error', (cause) => fail(cause));
  tls.once('close', () => fail(new Error('connection closed during the TLS handshake')));
  const fail = (cause: Error) => {
    clearTimeout(timer);
    socket.destroy();
    // The cause is part of the text because gRPC passes nothing else on to its callers.
    reject(new ServiceError('unavailable', `mesh TLS with ${serverId} failed: ${describeError(cause)}`));
  };
  return promise.finally(() => clearTimeout(timer));
}
