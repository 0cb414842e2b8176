import { connect } from 'node:net';
import { ConnectError, connectErrorOf } from './connect-error.ts';
import type { SocketAddress } from './connection.ts';
import { patientTimeout } from './patient-timeout.ts';
import { isLoopback } from './socket-address.ts';
import { SocketConnection, type SocketConnectionOptions } from './socket-connection.ts';
import { applySocketOptions, nodeSocketOptions, type SocketOptions } from './socket-options.ts';

export interface ConnectTcpOptions extends SocketOptions, SocketConnectionOptions {
  readonly timeoutMs: number;
  /** Refuses loopback targets with `loopback`: outbound, they would come back to the same proxy. */
  readonly refuseLoopback?: boolean;
  /** Refuses this port with `inbound-loop`: inbound, it is the proxy's own. */
  readonly refusePort?: number | undefined;
}

/** A `Connect` that gives the socket away too, so that TLS can be laid over it. */
export type ConnectSocket = (signal: AbortSignal) => Promise<SocketConnection>;

/** Opens TCP connections to one target. Rejects with a `ConnectError`, or the signal's reason. */
export function connectTcp(target: SocketAddress, options: ConnectTcpOptions): ConnectSocket {
  if (options.refuseLoopback && isLoopback(target.ip)) {
    return () =>
      Promise.reject(new ConnectError('loopback', target, 'outbound connections to loopback are refused'));
  }
  if (options.refusePort === target.port) {
    return () => Promise.reject(new ConnectError('inbound-loop', target, "the port is this proxy's own"));
  }
  return (signal) => openSocket(target, options, signal);
}

function openSocket(target: SocketAddress, options: ConnectTcpOptions, signal: AbortSignal) {
  return new Promise<SocketConnection>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ host: target.ip, port: target.port, ...nodeSocketOptions(options) });
    const cancelTimeout = patientTimeout(() => {
      fail(new ConnectError('timeout', target, `timed out after ${options.timeoutMs} ms`));
    }, options.timeoutMs);
    const settle = () => {
      cancelTimeout();
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
    };
    const fail = (reason: unknown) => {
      settle();
      // A destroyed socket may still report an error once.
      socket.on('error', () => {});
      socket.destroy();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) => fail(connectErrorOf(target, error));
    const onConnect = () => {
      settle();
      applySocketOptions(socket, options);
      resolve(new SocketConnection(socket, options));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', onConnect).once('error', onError);
  });
}
