import type { Socket } from 'node:net';
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

/** The options that Node sets by itself when it is asked to on opening or listening. */
export function nodeSocketOptions(options: SocketOptions) {
  return {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: options.keepAliveMs ?? 0,
  };
}

/** Sets what Node has no option for. Where the system refuses, its default stays. */
export function applySocketOptions(socket: Socket, options: SocketOptions): void {
  if (options.userTimeoutMs === undefined) return;
  const fd = socketFd(socket);
  if (fd !== null) writeSocketOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.userTimeoutMs);
}

/** The file descriptor under a socket; null once it is closed. */
export function socketFd(socket: Socket): number | null {
  const handle = (socket as { _handle?: { fd?: number } | null })._handle;
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : null;
}
