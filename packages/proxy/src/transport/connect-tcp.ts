import { isIPv6 } from 'node:net';
import { ConnectError, connectErrorOf } from './connect-error.ts';
import type { SocketAddress } from './connection.ts';
import { connectHandle } from './handles.ts';
import { patientTimeout } from './patient-timeout.ts';
import { isLoopback } from './socket-address.ts';
import { SocketConnection, type SocketConnectionOptions } from './socket-connection.ts';
import { applySocketOptions, type SocketOptions } from './socket-options.ts';
import { systemError } from './system-error.ts';
import { TcpEnds } from './tcp-ends.ts';

export interface ConnectTcpOptions extends SocketOptions, SocketConnectionOptions {
  readonly timeoutMs: number;
  /** Refuses loopback targets with `loopback`: outbound, they would come back to the same proxy. */
  readonly refuseLoopback?: boolean;
  /** Refuses this port with `inbound-loop`: inbound, it is the proxy's own. */
  readonly refusePort?: number | undefined;
}

/** A `Connect` whose connection can be detached, so that TLS can be laid over it. */
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
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      cancelTimeout();
      signal.removeEventListener('abort', onAbort);
      return true;
    };
    const fail = (reason: unknown) => {
      if (!settle()) return;
      handle.close();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    const cancelTimeout = patientTimeout(() => {
      fail(new ConnectError('timeout', target, `timed out after ${options.timeoutMs} ms`));
    }, options.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    const handle = connectHandle(target, isIPv6(target.ip), (status) => {
      if (status < 0) return fail(connectErrorOf(target, systemError(status, 'connect')));
      if (!settle()) return;
      applySocketOptions(handle, options);
      resolve(new SocketConnection(handle, new TcpEnds(handle, target), options));
    });
  });
}
