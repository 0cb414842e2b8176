import type { Connection } from '../transport/connection.ts';
import { ErrorCode } from './error-code.ts';
import { maxStreamId } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Http2Error } from './http2-error.ts';
import { KeepAlive, type KeepAliveTarget } from './keep-alive.ts';
import type { Http2Options } from './options.ts';

/**
 *   open ── drain, GOAWAY received ──▶ draining ── last stream over ──▶ closing ──▶ closed
 *     └──────────── protocol error, end of the peer ──────────────────────▲
 *
 * `draining` takes no new streams. As a server it first tells the peer that the end is near, and only when
 * that has reached it (`settled`) which streams it may count on (RFC 9113 section 6.8), so that no request is
 * lost on the way. `closing` has said its last word and waits for the peer to close.
 */
type EndState =
  | { readonly kind: 'open' }
  | { readonly kind: 'draining'; readonly settled: boolean }
  | { readonly kind: 'closing'; readonly error: Error | null }
  | { readonly kind: 'closed' };

export interface SessionEndOwner {
  readonly hasStreams: boolean;
  readonly lastPeerStream: number;
  resetStreams(error: Error): void;
}

const drainPing = Buffer.from('weft-end');
const keepAlivePing = Buffer.from('weft-ask');

/** How a session comes to its end: in peace, by a broken protocol or connection, or by silence of the peer. */
export class SessionEnd implements KeepAliveTarget {
  onClosed: ((error: Error | null) => void) | null = null;
  onDraining: (() => void) | null = null;
  /** Streams of the peer above it are not answered any more. */
  lastAnswered = maxStreamId;

  readonly #owner: SessionEndOwner;
  readonly #connection: Connection;
  readonly #writer: FrameWriter;
  readonly #options: Http2Options;
  readonly #isClient: boolean;
  readonly #keepAlive: KeepAlive | null;
  #state: EndState = { kind: 'open' };
  #timer: NodeJS.Timeout | null = null;

  constructor(
    owner: SessionEndOwner,
    connection: Connection,
    writer: FrameWriter,
    options: Http2Options,
    isClient: boolean,
  ) {
    this.#owner = owner;
    this.#connection = connection;
    this.#writer = writer;
    this.#options = options;
    this.#isClient = isClient;
    this.#keepAlive = options.keepAlive === null ? null : new KeepAlive(options.keepAlive, this);
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  /** Nothing more is sent or taken. */
  get isOver(): boolean {
    return this.#state.kind === 'closing' || this.#state.kind === 'closed';
  }

  get hasStreams(): boolean {
    return this.#owner.hasStreams;
  }

  drain(): void {
    if (this.#state.kind !== 'open') return;
    if (this.#isClient) {
      this.#writer.goaway(0, ErrorCode.NoError, '');
      this.#becomeDraining(true);
      return;
    }
    this.#writer.goaway(maxStreamId, ErrorCode.NoError, '');
    this.#writer.ping(drainPing, 0, false);
    this.#startTimer(() => this.#settle());
    this.#becomeDraining(false);
  }

  /** The peer has sent GOAWAY. */
  peerDrains(): void {
    if (this.#state.kind === 'open') this.#becomeDraining(true);
  }

  #becomeDraining(settled: boolean): void {
    this.#state = { kind: 'draining', settled };
    this.onDraining?.();
    this.streamOver();
  }

  /** The peer has heard of the end: what it has opened until now is answered, and no more. */
  #settle(): void {
    if (this.#state.kind !== 'draining' || this.#state.settled) return;
    this.#stopTimer();
    this.#state = { kind: 'draining', settled: true };
    this.lastAnswered = this.#owner.lastPeerStream;
    this.#writer.goaway(this.lastAnswered, ErrorCode.NoError, '');
    this.streamOver();
  }

  /** A stream has ended, or none was open: the end may have come. */
  streamOver(): void {
    if (this.#state.kind !== 'draining' || !this.#state.settled || this.#owner.hasStreams) return;
    this.#become({ kind: 'closing', error: null });
    this.#endConnection();
  }

  /** Ends the connection with GOAWAY because of what the peer did. */
  fail(error: Http2Error): void {
    if (this.isOver) return;
    this.#options.onOffence?.(error.offence);
    this.#writer.goaway(this.#owner.lastPeerStream, error.code, error.message.slice(0, 128));
    this.#become({ kind: 'closing', error });
    this.#endConnection();
  }

  /** Closes at once; null is an orderly end. */
  abort(error: Error | null): void {
    if (this.#state.kind === 'closed') return;
    if (!this.isOver) this.#become({ kind: 'closing', error });
    this.#connection.destroy(error ?? undefined);
  }

  /** The peer will send nothing more; answers under way are lost on it. */
  peerEnded(): void {
    if (this.isOver) return;
    if (this.#owner.hasStreams) {
      this.abort(new Error('HTTP/2 connection ended by its peer'));
    } else {
      this.#become({ kind: 'closing', error: null });
      this.#endConnection();
    }
  }

  connectionClosed(error: Error | null): void {
    if (this.#state.kind === 'closed') return;
    if (!this.isOver) this.#become({ kind: 'closing', error });
    const reason = this.#state.kind === 'closing' ? this.#state.error : error;
    this.#stopTimer();
    this.#state = { kind: 'closed' };
    this.onClosed?.(reason);
  }

  #become(state: EndState & { kind: 'closing' }): void {
    const wasOpen = this.isOpen;
    this.#state = state;
    this.#stopTimer();
    this.#keepAlive?.stop();
    if (wasOpen) this.onDraining?.();
    this.#owner.resetStreams(state.error ?? new Error('HTTP/2 connection closed'));
  }

  #endConnection(): void {
    this.#writer.flush();
    this.#connection.end();
    this.#startTimer(() => this.#connection.destroy());
  }

  #startTimer(then: () => void): void {
    this.#stopTimer();
    this.#timer = setTimeout(then, this.#options.lingerMs);
    this.#timer.unref();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  // Keep-alive

  heard(): void {
    this.#keepAlive?.heard();
  }

  /** The opaque data of the acknowledged PING is `buffer[at, at + 8)`. */
  pingAcknowledged(buffer: Buffer, at: number): void {
    this.#keepAlive?.acknowledged();
    if (drainPing.compare(buffer, at, at + 8) === 0) this.#settle();
  }

  sendKeepAlivePing(): void {
    this.#writer.ping(keepAlivePing, 0, false);
  }

  keepAliveTimedOut(): void {
    this.#options.onOffence?.('keep_alive_timeout');
    this.abort(new Error('HTTP/2 peer does not answer PING'));
  }
}
