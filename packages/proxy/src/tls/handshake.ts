import type { SecureContext } from 'node:tls';
import { nothing, type TlsHandle, tlsOver } from '../transport/handles.ts';
import { patientTimeout } from '../transport/patient-timeout.ts';
import { SocketConnection, type SocketConnectionOptions } from '../transport/socket-connection.ts';
import type { HandshakeGate } from './handshake-gate.ts';
import { TlsError, type TlsErrorCode } from './tls-error.ts';

/** Bounds of one handshake. */
export interface HandshakeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly gate?: HandshakeGate | undefined;
}

export interface HandshakeSetup {
  readonly isServer: boolean;
  readonly secureContext: SecureContext;
  /** Offered by a client, or agreed to by a server that is offered it. */
  readonly alpn?: string | undefined;
  /** SNI of a client. */
  readonly serverName?: string;
  /** A session that a client would go on with. */
  readonly session?: Buffer | null;
  /** Hears of sessions that a client may go on with later, unless it has gone on with one. */
  readonly onSession?: ((session: Buffer) => void) | undefined;
}

export interface Handshaken {
  /** Parked. */
  readonly connection: SocketConnection;
  readonly tls: TlsHandle;
  readonly alpn: string | null;
  /** The peer has proved that it was there when the session began, and shown nothing anew. */
  readonly resumed: boolean;
}

/**
 * Lays TLS over a parked connection, which is used up by it, and waits until the handshake is over. The peer's
 * certificate is asked for, and judged by nobody yet: see `verifyErrorOf`. Rejects with a `TlsError`; everything is
 * closed then.
 */
export function handshake(
  below: SocketConnection,
  setup: HandshakeSetup,
  options: HandshakeOptions & SocketConnectionOptions,
): Promise<Handshaken> {
  return new Promise((resolve, reject) => {
    const { peer } = below;
    if (options.signal?.aborted || below.closed) {
      below.destroy();
      const code = options.signal?.aborted ? 'aborted' : 'closed';
      return reject(new TlsError(code, peer, code, options.signal?.reason));
    }
    const { handle, ends, unread } = below.detach();
    const tls = tlsOver(handle, setup.secureContext, setup.isServer);
    const connection = new SocketConnection(tls, ends, { ...options, gather: 'join' });
    const settle = () => {
      cancelTimeout();
      leave?.();
      options.signal?.removeEventListener('abort', onAbort);
      connection.park();
    };
    const fail = (code: TlsErrorCode, reason: string, cause?: unknown) => {
      settle();
      connection.destroy();
      reject(new TlsError(code, peer, reason, cause));
    };
    const onAbort = () => fail('aborted', 'aborted', options.signal?.reason);
    const cancelTimeout = patientTimeout(
      () => fail('timeout', `not done within ${Math.round(options.timeoutMs)} ms`),
      options.timeoutMs,
    );
    const leave = options.gate?.enter(() => fail('displaced', 'too many handshakes under way'));
    options.signal?.addEventListener('abort', onAbort, { once: true });

    tls.setVerifyMode(true, false);
    tls.onerror = (error) => connection.destroy(error);
    tls.onhandshakedone = () => {
      tls.onhandshakedone = nothing;
      settle();
      const resumed = tls.isSessionReused();
      if (!resumed) listenForSessions(tls, setup);
      resolve({ connection, tls, alpn: tls.getALPNNegotiatedProtocol() || null, resumed });
    };
    if (setup.alpn !== undefined) tls.setALPNProtocols(encodeAlpn(setup.alpn));
    connection.handler = {
      onData() {},
      onEnd: () => fail('closed', 'closed by the peer'),
      onDrain() {},
      onClose: (error: NodeJS.ErrnoException | null) => {
        const broken = error === null || error.code === 'ECONNRESET' || error.code === 'EPIPE';
        if (broken) fail('closed', 'closed by the peer', error ?? undefined);
        else fail('protocol', error.message, error);
      },
    };
    if (!setup.isServer) startClient(tls, setup);
    if (unread !== null) tls.receive(unread);
  });
}

function startClient(tls: TlsHandle, { serverName, session }: HandshakeSetup): void {
  if (serverName !== undefined) tls.setServername(serverName);
  if (session) tls.setSession(session);
  tls.start();
}

/** They come behind the handshake (RFC 8446 section 4.6.1). */
function listenForSessions(tls: TlsHandle, { onSession }: HandshakeSetup): void {
  if (onSession === undefined) return;
  tls.onnewsession = (_id, session) => onSession(session);
  tls.enableSessionCallbacks();
}

/** OpenSSL's name of what is wrong with the peer's chain; null when it leads to the anchors. */
export function verifyErrorOf(tls: TlsHandle): string | null {
  return tls.verifyError()?.code ?? null;
}

function encodeAlpn(protocol: string): Buffer {
  return Buffer.concat([Buffer.from([protocol.length]), Buffer.from(protocol, 'latin1')]);
}
