import type { SocketAddress } from './connection.ts';

/** A connection as it can be looked at from outside. */
export interface ObservedConnection {
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Hears what one connection does, for metrics. Bytes are the owner's: under TLS they are counted decrypted. */
export interface TransportObserver {
  /** First of all, where it is wanted: whose bytes these are. */
  onOpen?(connection: ObservedConnection): void;
  onRead(bytes: number): void;
  onWrite(bytes: number): void;
  /** Once. `errno` is the system's name of what broke the connection (`ECONNRESET`), null when nothing did. */
  onClose(errno: string | null): void;
}

/** The name that an error or one of its causes carries as its code; null when none does. */
export function errnoOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  // Errors of the proxy's own have codes, too.
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z\d]+$/.test(error.code)) return error.code;
  return 'cause' in error ? errnoOf(error.cause) : null;
}
