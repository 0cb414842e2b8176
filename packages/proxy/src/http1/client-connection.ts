import type { Connection, ConnectionHandler } from '../transport/connection.ts';
import { LF } from './bytes.ts';
import { CarryBuffer } from './carry-buffer.ts';
import { Chunk, ChunkedDecoder } from './chunked-decoder.ts';
import type { ClientExchange } from './client-exchange.ts';
import { INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { Http1Error } from './http1-error.ts';
import type { HeadLimits } from './request-parser.ts';
import type { ResponseParser } from './response-parser.ts';

/** What a connection tells the pool it belongs to. */
export interface ClientConnectionOwner {
  readonly limits: HeadLimits;
  readonly parser: ResponseParser;
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
  lengthBody: 2,
  chunkedBody: 3,
  /** The body ends with the connection. */
  closeBody: 4,
  over: 5,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const nothing = Buffer.alloc(0);

/** The client side of one HTTP/1 connection: one exchange at a time. */
export class Http1ClientConnection implements ConnectionHandler {
  /** Which idle connections it may stand in for. */
  readonly key: string;
  /** Milliseconds on the monotonic clock. */
  idleSince = 0;

  readonly #owner: ClientConnectionOwner;
  readonly #connection: Connection;
  readonly #carry = new CarryBuffer();
  #chunked: ChunkedDecoder | null = null;
  #phase: Phase = Phase.idle;
  #exchange: ClientExchange | null = null;
  /** Nothing of an answer to the current exchange has come. */
  #silent = true;
  #persistent = true;
  #remaining = 0;
  #paused = false;

  constructor(owner: ClientConnectionOwner, connection: Connection, key: string) {
    this.#owner = owner;
    this.#connection = connection;
    this.key = key;
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

  write(chunk: Buffer): boolean {
    return this.#connection.write(chunk);
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
    let bytes = chunk;
    let offset = 0;
    while (offset < bytes.length) {
      switch (this.#phase) {
        case Phase.head: {
          if (this.#carry.length > 0) {
            const complete = bytes.indexOf(LF) !== -1;
            bytes = this.#carry.append(bytes, 0);
            if (!complete && bytes.length <= this.#owner.limits.maxHeadBytes) return;
          }
          const after = this.#owner.parser.parse(
            bytes,
            offset,
            bytes.length,
            this.#exchange?.isConnect ?? false,
          );
          if (after === INCOMPLETE) {
            if (this.#carry.length === 0) this.#carry.append(bytes, offset);
            return;
          }
          if (this.#carry.length > 0) this.#carry.clear();
          if (after === MALFORMED) {
            this.#refuse(this.#owner.parser.offence);
            return;
          }
          offset = after;
          this.#hearHead(bytes, offset);
          break;
        }
        case Phase.lengthBody: {
          const taken = Math.min(this.#remaining, bytes.length - offset);
          this.#remaining -= taken;
          offset += taken;
          const exchange = this.#exchange;
          this.#passBody(bytes, offset - taken, offset);
          if (this.#remaining === 0 && this.#exchange === exchange) {
            const over = this.#complete(bytes.length - offset);
            over?.handler.onResponseEnd(null);
            return;
          }
          break;
        }
        case Phase.chunkedBody: {
          const decoder = this.#chunked;
          if (decoder === null) return;
          offset = decoder.next(bytes, offset);
          if (decoder.event === Chunk.data) this.#passBody(bytes, decoder.dataStart, offset);
          else if (decoder.event === Chunk.malformed) this.#refuse(decoder.offence);
          else if (decoder.event === Chunk.end) {
            const { trailers } = decoder;
            this.#complete(bytes.length - offset)?.handler.onResponseEnd(trailers);
            return;
          }
          break;
        }
        case Phase.closeBody:
          this.#passBody(bytes, offset, bytes.length);
          return;
        default:
          // The exchange ended inside what was read, and with it everything it had to say.
          return;
      }
    }
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
      exchange.handler.onInformational(head);
      return;
    }
    this.#persistent = persistent;
    const bodiless = exchange.isHead || status === 204 || status === 304;
    if (bodiless || (!chunked && contentLength === 0)) {
      this.#complete(bytes.length - offset)?.handler.onResponseHead(head, true);
      return;
    }
    if (chunked) {
      this.#phase = Phase.chunkedBody;
      this.#chunked ??= new ChunkedDecoder(this.#owner.limits);
      this.#chunked.reset();
    } else if (contentLength > 0) {
      this.#phase = Phase.lengthBody;
      this.#remaining = contentLength;
    } else {
      this.#phase = Phase.closeBody;
    }
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
    this.#take();
    this.#resume();
    this.#leave();
    head.headers = withoutFraming(head.headers);
    exchange.handler.onUpgrade(head, { connection: this.#connection, initial });
  }

  #passBody(bytes: Buffer, start: number, end: number): void {
    const whole = start === 0 && end === bytes.length;
    this.#exchange?.handler.onResponseData(whole ? bytes : bytes.subarray(start, end));
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

  #refuse(reason: string): void {
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

/** The answer that opens a tunnel has no body, whatever it says (RFC 9110 section 9.3.6). */
function withoutFraming(headers: string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    if (name !== 'content-length' && name !== 'transfer-encoding') kept.push(name, headers[i + 1]);
  }
  return kept;
}
