import type { TcpHandle } from './handles.ts';
import { writeSocketOption } from './libc.ts';

/** What is set on every socket, accepted or opened. TCP_NODELAY and SO_KEEPALIVE are always on. */
export interface SocketOptions {
  /** Milliseconds of silence before the first keep-alive probe; the system's default when absent. */
  readonly keepAliveMs?: number | undefined;
  /** TCP_USER_TIMEOUT, milliseconds: how long sent bytes may stay unacknowledged. */
  readonly userTimeoutMs?: number | undefined;
}

const IPPROTO_TCP = 6;
const TCP_USER_TIMEOUT = 18;

/** Where the system refuses, its default stays. */
export function applySocketOptions(handle: TcpHandle, options: SocketOptions): void {
  handle.setNoDelay(true);
  handle.setKeepAlive(true, Math.floor((options.keepAliveMs ?? 0) / 1000));
  if (options.userTimeoutMs !== undefined && handle.fd >= 0)
    writeSocketOption(handle.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.userTimeoutMs);
}
