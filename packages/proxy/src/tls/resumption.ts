import type { SecureContext } from 'node:tls';
import { type Credentials, RESUMABLE_SECONDS } from './credentials.ts';

/** A session, and what makes it usable. */
interface Kept {
  readonly session: Buffer;
  /** Of the handshake that began it: it ends with the certificate shown then, and with the anchors. */
  readonly context: SecureContext;
  /** Epoch ms: never beyond the server's certificate, nor very long after the server has proved who it is. */
  readonly until: number;
}

/**
 * What a client remembers of one target, to spare both sides the proof of who they are for a while: the session of the
 * last handshake in which they proved it. The server does the same proof again whenever it likes.
 */
export class Resumption {
  readonly #credentials: Credentials;
  #kept: Kept | null = null;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** The session to offer in a handshake with this context; null when there is none. */
  offer(context: SecureContext): Buffer | null {
    const kept = this.#kept;
    if (kept === null) return null;
    if (kept.context === context && this.#credentials.now() < kept.until) return kept.session;
    this.forget();
    return null;
  }

  forget(): void {
    this.#kept?.session.fill(0);
    this.#kept = null;
  }

  /** A handshake begins: should the server prove anew who it is, what it gives to go on with is kept. */
  begin(context: SecureContext): FreshSession {
    const credentials = this.#credentials;
    let session: Buffer | null = null;
    let until = 0;
    const keep = (): void => {
      if (session === null || !credentials.resumable || credentials.now() >= until) return;
      this.forget();
      this.#kept = { session, context, until };
      session = null;
      until = 0;
    };
    return {
      onSession: (fresh) => {
        session = fresh;
        keep();
      },
      verified: (certificateUntil) => {
        until = Math.min(certificateUntil, credentials.now() + 1000 * RESUMABLE_SECONDS);
        keep();
      },
    };
  }
}

/** The session of one handshake: both are called, in either order. */
export interface FreshSession {
  onSession(session: Buffer): void;
  /** The server is who it should be, by a certificate that is valid until then (epoch ms). */
  verified(certificateUntil: number): void;
}
