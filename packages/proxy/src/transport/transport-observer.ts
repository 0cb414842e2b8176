/** Hears what one connection does, for metrics. Bytes are the owner's: under TLS they are counted decrypted. */
export interface TransportObserver {
  onRead(bytes: number): void;
  onWrite(bytes: number): void;
  /** Once. `errno` is the system's name of what broke the connection (`ECONNRESET`), null when nothing did. */
  onClose(errno: string | null): void;
}

/** The system's or OpenSSL's name of an error, null when there is none to give. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return errnoOf(error.cause);
}
