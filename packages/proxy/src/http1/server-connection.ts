import type { HeaderList } from '../http/message.ts';
import type { RequestListener, StreamReset, Tunnel } from '../http/stream.ts';
import type { Connection, ConnectionHandler } from '../transport/connection.ts';
import { patientTimeout } from '../transport/patient-timeout.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { BodyReader } from './body-reader.ts';
import { CarryBuffer } from './carry-buffer.ts';
import { Chunk } from './chunked-decoder.ts';
import { INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { HeldInput } from './held-input.ts';
import { httpDate } from './http-date.ts';
import { Http1Error } from './http1-error.ts';
import { type Offence, statusOf } from './offence.ts';
import type { RequestParser } from './request-parser.ts';
import { type ExchangeOwner, ServerExchange } from './server-exchange.ts';
import type { Http1ServerOptions } from './server-options.ts';
import { statusLine } from './status-line.ts';

/** Where in the stream of requests a connection is. */
const Phase = {
  /** Between requests, or inside a head. */
  head: 0,
  body: 1,
  /** The request is in, its answer is not out: what comes now belongs to the next request, or to a tunnel. */
  answering: 2,
  /** Our side is closed; what still comes is dropped, so that the client can read the last answer. */
  lingering: 3,
  /** Closed, or given away by an upgrade. */
  over: 4,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const nothing = Buffer.alloc(0);

/** The rest of a request that nobody needs any more. */
const answeredEarly: StreamReset = {
  kind: 'io',
  error: new Http1Error('closed-early', 'the answer was complete before the request was'),
};

/** The server side of one HTTP/1 connection: requests strictly one after the other. */
export class Http1ServerConnection implements ConnectionHandler, ExchangeOwner {
  readonly connection: Connection;
  /** Called once, when the connection is closed or an upgrade has taken it; see `over`. */
  onOver: ((error: Error | null) => void) | null = null;

  readonly #options: Http1ServerOptions;
  readonly #listener: RequestListener;
  readonly #parser: RequestParser;
  readonly #carry = new CarryBuffer();
  readonly #body: BodyReader;
  readonly #held = new HeldInput();
  #phase: Phase = Phase.head;
  #exchange: ServerExchange | null = null;
  /** Body bytes that may still be read although the answer is complete. */
  #afterAnswer = 0;
  #reading = false;
  #paused = false;
  #draining = false;
  #linger: NodeJS.Timeout | null = null;
  /** Stops the clock that runs while a head has begun and not ended. */
  #stopHeadClock: (() => void) | null = null;

  /** `initial`: what was read from the connection before it came here. */
  constructor(
    connection: Connection,
    options: Http1ServerOptions,
    listener: RequestListener,
    initial: Buffer = nothing,
  ) {
    this.connection = connection;
    this.#options = options;
    this.#listener = listener;
    this.#parser = options.parser;
    this.#body = new BodyReader(options.limits);
    connection.handler = this;
    if (initial.length > 0) this.#read(initial);
  }

  /** Nothing more will happen here. */
  get over(): boolean {
    return this.#phase === Phase.over;
  }

  /** Finishes the exchange in progress with `connection: close`; an idle connection is closed at once. */
  drain(): void {
    this.#draining = true;
    if (this.#exchange !== null) this.#exchange.persistent = false;
    else if (this.#phase === Phase.head) this.#close();
  }

  // ---- from the connection ---------------------------------------------------------------------------

  onData(chunk: Buffer): void {
    if (this.#phase === Phase.answering || this.#reading) this.#hold(chunk);
    else this.#read(chunk);
  }

  onEnd(): void {
    if (this.#phase >= Phase.lingering) return;
    if (this.#exchange === null) this.#close();
    // A client that ends its side before it has its answer is taken to be gone, as other servers do.
    else this.#abandon(new Http1Error('closed-early', 'the client closed the connection'));
  }

  onDrain(): void {
    const exchange = this.#exchange;
    if (exchange === null || !exchange.blocked) return;
    exchange.blocked = false;
    exchange.handler?.onResponseDrain();
  }

  onClose(error: Error | null): void {
    if (this.#phase === Phase.over) return;
    this.#phase = Phase.over;
    const exchange = this.#exchange;
    this.#forget();
    exchange?.finish()?.onRequestReset({
      kind: 'io',
      error: error ?? new Http1Error('closed-early', 'the connection was closed'),
    });
    this.onOver?.(error);
  }

  // ---- from the exchange -----------------------------------------------------------------------------

  now(): number {
    return this.#options.now();
  }

  settle(exchange: ServerExchange): void {
    if (this.#exchange !== exchange || !exchange.responseEnded) return;
    if (!exchange.requestEnded && exchange.persistent) {
      // What remains of the request is read to its end, so that the connection can be kept.
      this.#afterAnswer = this.#options.maxBytesAfterAnswer;
      this.#resume();
      return;
    }
    this.#exchange = null;
    const handler = exchange.finish();
    if (!exchange.requestEnded) handler?.onRequestReset(answeredEarly);
    if (!exchange.persistent || this.#draining) {
      this.#close();
      return;
    }
    this.#phase = Phase.head;
    this.#resume();
    if (this.#held.bytes > 0 && !this.#reading) this.#read(this.#held.take());
  }

  pauseRequest(_exchange: ServerExchange): void {
    this.#pause();
  }

  resumeRequest(_exchange: ServerExchange): void {
    this.#resume();
  }

  cut(exchange: ServerExchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    this.#phase = Phase.lingering;
    exchange.finish();
    this.connection.destroy();
  }

  refuseAnswer(exchange: ServerExchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = null;
    exchange.finish()?.onRequestReset({ kind: 'protocol', reason: 'the answer cannot be written as HTTP/1' });
    this.#answerAndClose(502);
  }

  release(exchange: ServerExchange): Tunnel {
    this.#exchange = null;
    exchange.finish();
    this.#phase = Phase.over;
    const initial = this.#held.take();
    this.#resume();
    this.#forget();
    this.onOver?.(null);
    return { connection: this.connection, initial };
  }

  // ---- reading ---------------------------------------------------------------------------------------

  #read(chunk: Buffer): void {
    this.#reading = true;
    this.#consume(chunk);
    ReadMemory.give(chunk);
    this.#reading = false;
    // Some may have come in meanwhile, if reading was resumed from inside.
    if (this.#held.bytes > 0 && this.#phase < Phase.answering) this.#read(this.#held.take());
  }

  #consume(chunk: Buffer): void {
    let bytes = chunk;
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#phase === Phase.head) {
        const joined = this.#carry.join(bytes, this.#options.limits.maxHeadBytes);
        if (joined === null) return;
        bytes = joined;
        const after = this.#parser.parse(bytes, offset, bytes.length);
        if (after === INCOMPLETE) {
          this.#carry.keep(bytes, offset);
          this.#stopHeadClock ??= patientTimeout(() => this.#headIsLate(), this.#options.headTimeoutMs);
          return;
        }
        this.#headIsIn();
        if (after === MALFORMED) {
          this.#refuse(this.#parser.offence);
          return;
        }
        offset = after;
        this.#begin();
      } else if (this.#phase === Phase.body) {
        offset = this.#readBody(bytes, offset);
      } else {
        if (this.#phase !== Phase.answering) return;
        ReadMemory.share(bytes);
        this.#hold(offset === 0 ? bytes : bytes.subarray(offset));
        return;
      }
    }
  }

  #headIsIn(): void {
    this.#carry.clear();
    this.#stopHeadClock?.();
    this.#stopHeadClock = null;
  }

  #headIsLate(): void {
    if (this.#phase !== Phase.head) return;
    this.#headIsIn();
    this.#refuse('head-timeout');
  }

  #begin(): void {
    const { head, chunked, persistent, expectsContinue } = this.#parser;
    if (head === null) return;
    const ended = !chunked && head.contentLength === 0;
    const exchange = new ServerExchange(this, head, ended, persistent && !this.#draining, expectsContinue);
    this.#exchange = exchange;
    this.#phase = ended ? Phase.answering : Phase.body;
    if (chunked) this.#body.startChunked();
    else if (!ended) this.#body.startLength(head.contentLength);
    const handler = this.#listener(head, ended, exchange);
    if (this.#exchange === exchange) exchange.handler = handler;
  }

  #readBody(bytes: Buffer, offset: number): number {
    const body = this.#body;
    const after = body.next(bytes, offset);
    if (body.event === Chunk.data) {
      this.#passBody(bytes, body.dataStart, after);
      if (body.last && this.#phase === Phase.body) this.#endRequest(null);
    } else if (body.event === Chunk.end) this.#endRequest(body.trailers);
    else if (body.event === Chunk.malformed) this.#refuse(body.offence);
    return after;
  }

  #passBody(bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.awaitsContinue = false;
    if (exchange.responseEnded) {
      this.#afterAnswer -= end - start;
      if (this.#afterAnswer < 0) {
        this.#exchange = null;
        exchange.finish()?.onRequestReset(answeredEarly);
        this.#close();
        return;
      }
    }
    ReadMemory.share(bytes);
    const whole = start === 0 && end === bytes.length;
    exchange.handler?.onRequestData(whole ? bytes : bytes.subarray(start, end));
  }

  #endRequest(trailers: HeaderList | null): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#phase = Phase.answering;
    exchange.requestEnded = true;
    // Pausing was about the body; a client that goes away while it waits must still be noticed.
    this.#resume();
    exchange.handler?.onRequestEnd(trailers);
    this.settle(exchange);
  }

  /** Puts what follows the current request aside. Beyond the bound the socket is not read. */
  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    if (this.#held.bytes >= this.#options.maxHeldBytes) this.#pause();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.connection.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#held.bytes >= this.#options.maxHeldBytes) return;
    this.#paused = false;
    this.connection.resume();
  }

  // ---- ending ----------------------------------------------------------------------------------------

  /** Answers an offending client, unless its answer has already begun, and closes. */
  #refuse(offence: Offence): void {
    const status = statusOf(offence);
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#options.onRefused(offence, status);
    exchange?.finish()?.onRequestReset({ kind: 'protocol', reason: offence });
    if (exchange?.responseStarted) {
      this.#phase = Phase.lingering;
      this.connection.destroy();
    } else this.#answerAndClose(status);
  }

  #answerAndClose(status: number): void {
    const date = httpDate(this.now());
    const text = `${statusLine(false, status)}content-length: 0\r\nconnection: close\r\ndate: ${date}\r\n\r\n`;
    this.connection.write(Buffer.from(text, 'latin1'));
    this.#close();
  }

  #abandon(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#phase = Phase.lingering;
    exchange?.finish()?.onRequestReset({ kind: 'io', error });
    this.connection.destroy();
  }

  /** Closes our side, and soon the other one too (RFC 9112 section 9.6). */
  #close(): void {
    this.#phase = Phase.lingering;
    this.#held.take();
    this.#resume();
    this.connection.end();
    this.#linger = setTimeout(() => this.connection.destroy(), this.#options.lingerMs);
    this.#linger.unref();
  }

  #forget(): void {
    this.#exchange = null;
    this.#held.take();
    this.#headIsIn();
    if (this.#linger !== null) clearTimeout(this.#linger);
  }
}
