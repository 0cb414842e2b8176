import { removeHeader } from '../http/headers.ts';
import { MAX_INFORMATIONAL } from '../http/informational.ts';
import type { Connection, ConnectionHandler } from '../transport/connection.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { BodyReader } from './body-reader.ts';
import { CarryBuffer } from './carry-buffer.ts';
import { Chunk } from './chunked-decoder.ts';
import type { ClientExchange, ExchangeConnection } from './client-exchange.ts';
import { INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { Http1Error } from './http1-error.ts';
import type { Offence } from './offence.ts';
import type { HeadLimits } from './request-parser.ts';
import type { ResponseParser } from './response-parser.ts';

/** What a connection tells the pool it belongs to. */
export interface ClientConnectionOwner {
  readonly limits: HeadLimits;
  readonly parser: ResponseParser;
  /** An answer was refused. */
  readonly onRefused: (offence: Offence) => void;
  /** The exchange is over and the connection as good as new. */
  onReusable(connection: Http1ClientConnection): void;
  /** The connection is closed, or given away. */
  onGone(connection: Http1ClientConnection): void;
  /** An exchange on a connection gone stale may be tried once more; `head` is all that it consists of. */
  repeat(exchange: ClientExchange, head: Buffer): void;
}

/** Where in the stream of answers a connection is. */
const Phase = {
  idle: 0,
  head: 1,
  body: 2,
  /** In a body that ends with the connection. */
  closeBody: 3,
  over: 4,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const nothing = Buffer.alloc(0);

/** The client side of one HTTP/1 connection: one exchange at a time. */
export class Http1ClientConnection implements ConnectionHandler, ExchangeConnection {
  /** Which idle connections it may stand in for. */
  readonly key: string;
  /** Milliseconds on the monotonic clock. */
  idleSince = 0;

  readonly #owner: ClientConnectionOwner;
  readonly #connection: Connection;
  readonly #carry = new CarryBuffer();
  readonly #body: BodyReader;
  #phase: Phase = Phase.idle;
  #exchange: ClientExchange | null = null;
  /** Nothing of an answer to the current exchange has come. */
  #silent = true;
  #persistent = true;
  #paused = false;

  constructor(owner: ClientConnectionOwner, connection: Connection, key: string) {
    this.#owner = owner;
    this.#connection = connection;
    this.key = key;
    this.#body = new BodyReader(owner.limits);
    connection.handler = this;
  }

  get usable(): boolean {
    return this.#phase === Phase.idle && !this.#connection.closed;
  }

  begin(exchange: ClientExchange): void {
    this.#exchange = exchange;
    this.#phase = Phase.head;
    this.#silent = true;
  }

  write(chunk: Buffer, spent = false): boolean {
    return this.#connection.write(chunk, spent);
  }

  /** The exchange was given up: what it has begun here cannot be continued. */
  cut(exchange: ClientExchange): void {
    if (this.#exchange === exchange) this.destroy();
  }

  destroy(): void {
    this.#exchange = null;
    this.#connection.destroy();
    this.#leave();
  }

  pauseFor(exchange: ClientExchange): void {
    if (this.#exchange !== exchange || this.#paused) return;
    this.#paused = true;
    this.#connection.pause();
  }

  resumeFor(exchange: ClientExchange): void {
    if (this.#exchange === exchange) this.#resume();
  }

  // ---- from the connection ---------------------------------------------------------------------------

  onData(chunk: Buffer): void {
    // An endpoint that speaks without being asked is about to close, or out of step.
    if (this.#phase === Phase.idle) this.destroy();
    else this.#read(chunk);
  }

  onEnd(): void {
    if (this.#phase === Phase.closeBody) {
      const exchange = this.#take();
      this.destroy();
      exchange?.handler.onResponseEnd(null);
    } else if (this.#phase !== Phase.over) {
      this.#lose(null);
    }
  }

  onDrain(): void {
    this.#exchange?.drained();
  }

  onClose(error: Error | null): void {
    if (this.#phase !== Phase.over) this.#lose(error);
  }

  // ---- reading ---------------------------------------------------------------------------------------

  #read(chunk: Buffer): void {
    if (this.#silent) {
      this.#silent = false;
      this.#exchange?.answered();
    }
    this.#consume(chunk);
    ReadMemory.give(chunk);
  }

  #consume(chunk: Buffer): void {
    let bytes = chunk;
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#phase === Phase.head) {
        const { limits, parser } = this.#owner;
        const joined = this.#carry.join(bytes, limits.maxHeadBytes);
        if (joined === null) return;
        bytes = joined;
        const after = parser.parse(bytes, offset, bytes.length, this.#exchange?.isConnect ?? false);
        if (after === INCOMPLETE) {
          this.#carry.keep(bytes, offset);
          return;
        }
        this.#carry.clear();
        if (after === MALFORMED) {
          this.#refuse(parser.offence);
          return;
        }
        offset = after;
        this.#hearHead(bytes, offset);
      } else if (this.#phase === Phase.body || this.#phase === Phase.closeBody) {
        offset = this.#readBody(bytes, offset);
      } else {
        // The exchange ended inside what was read, and with it everything it had to say.
        return;
      }
    }
  }

  #readBody(bytes: Buffer, offset: number): number {
    const body = this.#body;
    const after = body.next(bytes, offset);
    if (body.event === Chunk.data) {
      ReadMemory.share(bytes);
      const whole = body.dataStart === 0 && after === bytes.length;
      this.#exchange?.handler.onResponseData(whole ? bytes : bytes.subarray(body.dataStart, after));
      if (!body.last || this.#phase !== Phase.body) return after;
      this.#complete(bytes.length - after)?.handler.onResponseEnd(null);
    } else if (body.event === Chunk.end) {
      const { trailers } = body;
      this.#complete(bytes.length - after)?.handler.onResponseEnd(trailers);
    } else if (body.event === Chunk.malformed) {
      this.#refuse(body.offence);
    } else return after;
    // Over, in one way or another: what may follow is nobody's.
    return bytes.length;
  }

  #hearHead(bytes: Buffer, offset: number): void {
    const { head, chunked, contentLength, persistent } = this.#owner.parser;
    const exchange = this.#exchange;
    if (head === null || exchange === null) return;
    const { status } = head;
    if (status === 101 || (exchange.isConnect && status >= 200 && status < 300)) {
      this.#leaveHttp(bytes, offset);
      return;
    }
    if (status < 200) {
      if (++exchange.informational > MAX_INFORMATIONAL) this.#refuse('too-many-informational');
      else exchange.handler.onInformational(head);
      return;
    }
    this.#persistent = persistent;
    const bodiless = exchange.isHead || status === 204 || status === 304;
    if (bodiless || (!chunked && contentLength === 0)) {
      this.#complete(bytes.length - offset)?.handler.onResponseHead(head, true);
      return;
    }
    const untilClose = !chunked && contentLength < 0;
    this.#phase = untilClose ? Phase.closeBody : Phase.body;
    if (chunked) this.#body.startChunked();
    else this.#body.startLength(untilClose ? Number.POSITIVE_INFINITY : contentLength);
    exchange.handler.onResponseHead(head, false);
  }

  #leaveHttp(bytes: Buffer, offset: number): void {
    const { head } = this.#owner.parser;
    const exchange = this.#exchange;
    if (head === null || exchange === null) return;
    if (!exchange.wantsUpgrade || !exchange.requestEnded) {
      this.#refuse('unexpected-upgrade');
      return;
    }
    const initial = offset < bytes.length ? bytes.subarray(offset) : nothing;
    ReadMemory.share(initial);
    this.#take();
    this.#resume();
    this.#leave();
    // The answer that opens a tunnel has no body, whatever it says (RFC 9110 section 9.3.6).
    removeHeader(head.headers, 'content-length');
    removeHeader(head.headers, 'transfer-encoding');
    exchange.handler.onUpgrade(head, { connection: this.#connection, initial });
  }

  // ---- ending ----------------------------------------------------------------------------------------

  /** Takes the exchange out; it is over, though its handler may still have to hear so. */
  #take(): ClientExchange | null {
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.finish();
    return exchange;
  }

  /**
   * The answer is complete. The connection is kept only if the request is, too, and nothing follows. It is
   * back in the pool before the handler hears of the end, so that its next request finds it there.
   */
  #complete(unread: number): ClientExchange | null {
    const exchange = this.#exchange;
    if (exchange === null) return null;
    const reusable =
      this.#persistent &&
      unread === 0 &&
      exchange.requestEnded &&
      this.key !== '' &&
      !this.#connection.closed;
    this.#take();
    if (reusable) {
      this.#phase = Phase.idle;
      this.#resume();
      this.#owner.onReusable(this);
    } else this.destroy();
    return exchange;
  }

  #refuse(reason: Offence): void {
    this.#owner.onRefused(reason);
    const exchange = this.#exchange;
    this.destroy();
    exchange?.fail({ kind: 'protocol', reason });
  }

  /** The connection broke or was closed under whatever was going on. */
  #lose(error: Error | null): void {
    const exchange = this.#exchange;
    const head = this.#silent ? (exchange?.takeRepeat() ?? null) : null;
    this.destroy();
    if (exchange === null) return;
    if (head !== null) this.#owner.repeat(exchange, head);
    else exchange.fail({ kind: 'io', error: error ?? closedEarly() });
  }

  #leave(): void {
    if (this.#phase === Phase.over) return;
    this.#phase = Phase.over;
    this.#carry.clear();
    this.#owner.onGone(this);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#connection.resume();
  }
}

function closedEarly(): Http1Error {
  return new Http1Error('closed-early', 'the endpoint closed the connection before its answer was complete');
}
