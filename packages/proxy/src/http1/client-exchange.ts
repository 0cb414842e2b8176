import type { HeaderList, RequestHead } from '../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../http/stream.ts';
import { BodyWriter, type ByteSink } from './body-writer.ts';
import { Http1Error } from './http1-error.ts';

/**
 * Where an exchange stands. It begins `connecting`, or `open` on a connection that was idle; `over` is
 * final, and every call is without effect then.
 */
type Stage = 'connecting' | 'open' | 'over';

/** The connection that an exchange is on, as far as it needs to know. */
export interface ExchangeConnection {
  write(chunk: Buffer, spent?: boolean): boolean;
  /** The exchange is given up, and with it the connection. */
  cut(exchange: ClientExchange): void;
  pauseFor(exchange: ClientExchange): void;
  resumeFor(exchange: ClientExchange): void;
}

/** Methods that may be sent twice (RFC 9110 section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** One request to an endpoint, and who hears its answer. */
export class ClientExchange implements RequestStream, ByteSink {
  readonly handler: ResponseHandler;
  readonly isHead: boolean;
  readonly isConnect: boolean;
  readonly wantsUpgrade: boolean;
  /** Which connections it may share; '' for one of its own. */
  readonly key: string;
  readonly body = new BodyWriter();
  requestEnded: boolean;
  /** 1xx answers that have come. */
  informational = 0;
  /** The writer was told to wait. */
  blocked = false;

  #stage: Stage = 'connecting';
  /** Whether this may be sent again, as long as nothing of an answer has come. */
  #repeatable: boolean;
  #connection: ExchangeConnection | null = null;
  #abort: AbortController | null = null;
  /** The head, for as long as it may have to be sent (again). */
  #head: Buffer | null = null;
  /** What was written before there was a connection. */
  #queue: Buffer[] | null = null;

  constructor(head: RequestHead, ended: boolean, key: string, handler: ResponseHandler) {
    this.handler = handler;
    this.isHead = head.method === 'HEAD';
    this.isConnect = head.method === 'CONNECT';
    this.wantsUpgrade = head.wantsUpgrade;
    this.key = key;
    this.requestEnded = ended;
    this.#repeatable = ended && idempotent.has(head.method);
  }

  get over(): boolean {
    return this.#stage === 'over';
  }

  // ---- for the pool and the connection ---------------------------------------------------------------

  /** Waits for a connection; `head` is what it will begin with. */
  connecting(head: Buffer): AbortSignal {
    this.#stage = 'connecting';
    this.#connection = null;
    this.#head = head;
    this.#abort = new AbortController();
    return this.#abort.signal;
  }

  /** Takes a fresh connection and sends what has been written so far. */
  connected(connection: ExchangeConnection): void {
    const head = this.#head;
    const queue = this.#queue;
    this.#stage = 'open';
    this.#repeatable = false;
    this.#abort = null;
    this.#head = null;
    this.#queue = null;
    this.#connection = connection;
    let room = head === null || connection.write(head);
    if (queue !== null) for (const chunk of queue) room = connection.write(chunk, true);
    if (this.blocked && room) this.drained();
  }

  /** Takes a connection that has been idle. */
  reuse(connection: ExchangeConnection, head: Buffer): void {
    this.#stage = 'open';
    this.#connection = connection;
    if (this.#repeatable) this.#head = head;
    connection.write(head);
  }

  /** The head to send once more, if the exchange was lost to a connection that had gone stale. */
  takeRepeat(): Buffer | null {
    const head = this.#repeatable ? this.#head : null;
    this.#repeatable = false;
    return head;
  }

  /** Something of the answer has come: there is no second try. */
  answered(): void {
    this.#repeatable = false;
    this.#head = null;
  }

  finish(): void {
    this.#stage = 'over';
    this.#connection = null;
    this.#head = null;
    this.#queue = null;
  }

  fail(reset: StreamReset): void {
    if (this.#stage === 'over') return;
    this.finish();
    this.handler.onResponseReset(reset);
  }

  drained(): void {
    if (!this.blocked || this.#stage !== 'open') return;
    this.blocked = false;
    this.handler.onRequestDrain();
  }

  // ---- from whoever sends the request ----------------------------------------------------------------

  writeData(chunk: Buffer): boolean {
    if (this.#stage === 'over' || this.requestEnded) return true;
    const room = this.body.write(this, chunk);
    if (this.body.overrun) this.#cut('the body is longer than announced');
    else if (!room) this.blocked = true;
    return room;
  }

  end(trailers: HeaderList | null): void {
    if (this.#stage === 'over' || this.requestEnded) return;
    if (!this.body.end(this, trailers)) {
      this.#cut('the body is shorter than announced, or its trailers are unwritable');
      return;
    }
    this.requestEnded = true;
  }

  reset(_reset: StreamReset): void {
    const abort = this.#abort;
    const connection = this.#connection;
    this.finish();
    this.#abort = null;
    abort?.abort();
    connection?.cut(this);
  }

  pauseResponse(): void {
    this.#connection?.pauseFor(this);
  }

  resumeResponse(): void {
    this.#connection?.resumeFor(this);
  }

  /** For the body's framing. */
  write(chunk: Buffer, spent = false): boolean {
    if (this.#connection !== null) return this.#connection.write(chunk, spent);
    this.#queue ??= [];
    this.#queue.push(chunk);
    return false;
  }

  #cut(reason: string): void {
    const handler = this.handler;
    this.reset({ kind: 'protocol', reason });
    handler.onResponseReset({ kind: 'io', error: new Http1Error('unwritable', reason) });
  }
}
