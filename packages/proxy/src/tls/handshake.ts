import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { SocketAddress } from '../transport/connection.ts';
import { patientTimeout } from '../transport/patient-timeout.ts';
import type { HandshakeGate } from './handshake-gate.ts';
import { TlsError, type TlsErrorCode } from './tls-error.ts';

/** Bounds of one handshake. */
export interface HandshakeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly gate?: HandshakeGate | undefined;
}

/**
 * What Node's own `tls.connect` and `tls.Server` use of a TLSSocket. They are passed by because both build
 * a large description of the peer's certificate for every connection, which costs a tenth of a handshake.
 */
interface TlsInternals {
  readonly ssl: { verifyError(): (Error & { code: string }) | null | undefined };
  /** SNI of a client. */
  setServername(name: string): void;
  /** Sends a client's first message. */
  _start(): void;
}

/**
 * Lays TLS over a socket and waits until the handshake is over. The peer's certificate is asked for, and
 * judged by nobody yet: see `verifyErrorOf`. Rejects with a `TlsError` and destroys the socket.
 */
export function handshake(
  raw: Socket,
  peer: SocketAddress,
  setup: TLSSocketOptions & { servername?: string },
  options: HandshakeOptions,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // The socket below reports to the TLS socket what goes wrong, and to its own listeners as well.
    raw.on('error', () => {});
    if (options.signal?.aborted || raw.destroyed) {
      raw.destroy();
      const code = options.signal?.aborted ? 'aborted' : 'closed';
      return reject(new TlsError(code, peer, code, options.signal?.reason));
    }
    const socket = new TLSSocket(raw, { ...setup, requestCert: true, rejectUnauthorized: false });
    const settle = () => {
      cancelTimeout();
      leave?.();
      options.signal?.removeEventListener('abort', onAbort);
      socket.off('secure', onSecure).off('end', onClose).off('close', onClose);
      socket.off('error', onError).off('_tlsError', onError);
    };
    const fail = (code: TlsErrorCode, reason: string, cause?: unknown) => {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      raw.destroy();
      reject(new TlsError(code, peer, reason, cause));
    };
    const onError = (error: NodeJS.ErrnoException) => {
      const broken = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (broken) fail('closed', 'closed by the peer', error);
      else fail('protocol', error.message, error);
    };
    const onClose = () => fail('closed', 'closed by the peer');
    const onAbort = () => fail('aborted', 'aborted', options.signal?.reason);
    const onSecure = () => {
      settle();
      resolve(socket);
    };
    const cancelTimeout = patientTimeout(
      () => fail('timeout', `not done within ${Math.round(options.timeoutMs)} ms`),
      options.timeoutMs,
    );
    const leave = options.gate?.enter(() => fail('displaced', 'too many handshakes under way'));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('secure', onSecure).on('end', onClose).on('close', onClose);
    socket.on('error', onError).on('_tlsError', onError);
    if (!setup.isServer) {
      if (setup.servername !== undefined) internalsOf(socket).setServername(setup.servername);
      internalsOf(socket)._start();
    }
  });
}

/** OpenSSL's name of what is wrong with the peer's chain; null when it leads to the anchors. */
export function verifyErrorOf(socket: TLSSocket): string | null {
  return internalsOf(socket).ssl.verifyError()?.code ?? null;
}

/** The form of `ALPNProtocols` that a TLSSocket takes: each name after its length. */
export function encodeAlpn(protocol: string): Buffer {
  return Buffer.concat([Buffer.from([protocol.length]), Buffer.from(protocol, 'latin1')]);
}

function internalsOf(socket: TLSSocket): TlsInternals {
  return socket as unknown as TlsInternals;
}
