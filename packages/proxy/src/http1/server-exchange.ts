import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { RequestHandler, ResponseStream, StreamReset, Tunnel } from '../http/stream.ts';
import type { Connection } from '../transport/connection.ts';
import { BodyWriter } from './body-writer.ts';
import { encodeBareHead, encodeResponseHead, type ResponseContext } from './response-writer.ts';

/** What an exchange needs of the codec that runs it. */
export interface ExchangeOwner {
  readonly connection: Connection;
  now(): number;
  /** Both halves may be over now. */
  settle(exchange: ServerExchange): void;
  pauseRequest(exchange: ServerExchange): void;
  resumeRequest(exchange: ServerExchange): void;
  /** Ends the exchange by cutting the connection. */
  cut(exchange: ServerExchange): void;
  /** The answer cannot be written; 502 goes out in its place. */
  refuseAnswer(exchange: ServerExchange): void;
  release(exchange: ServerExchange): Tunnel;
}

/** Informational answers are dropped while more than this many bytes wait for a client that does not read. */
const INFORMATIONAL_BACKLOG = 64 * 1024;

/** One request on a server's connection, and where its answer goes. Inert once it is over. */
export class ServerExchange implements ResponseStream, ResponseContext {
  readonly http10: boolean;
  readonly isHead: boolean;
  readonly isConnect: boolean;
  readonly wantsUpgrade: boolean;
  persistent: boolean;
  /** The client sends the body only after a 100, which has not come yet. */
  awaitsContinue: boolean;
  handler: RequestHandler | null = null;
  requestEnded: boolean;
  responseStarted = false;
  responseEnded = false;
  /** The writer was told to wait. */
  blocked = false;

  readonly #owner: ExchangeOwner;
  readonly #body = new BodyWriter();
  #over = false;

  constructor(
    owner: ExchangeOwner,
    head: RequestHead,
    ended: boolean,
    persistent: boolean,
    awaitsContinue: boolean,
  ) {
    this.#owner = owner;
    this.http10 = head.version === '1.0';
    this.isHead = head.method === 'HEAD';
    this.isConnect = head.method === 'CONNECT';
    this.wantsUpgrade = head.wantsUpgrade;
    this.persistent = persistent;
    this.requestEnded = ended;
    this.awaitsContinue = awaitsContinue;
  }

  /** From here on nothing that is called has an effect. */
  finish(): RequestHandler | null {
    const handler = this.handler;
    this.#over = true;
    this.handler = null;
    return handler;
  }

  writeInformational(head: ResponseHead): void {
    if (this.#over || this.responseStarted || this.http10) return;
    if (this.#owner.connection.writableLength > INFORMATIONAL_BACKLOG) return;
    const bytes = encodeBareHead(head);
    if (bytes === null) return;
    if (head.status === 100) this.awaitsContinue = false;
    this.#owner.connection.write(bytes);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    if (this.#over || this.responseStarted) return;
    // A client that still waits for its 100 may or may not send the body now: only closing is safe.
    if (this.awaitsContinue && !this.requestEnded) this.persistent = false;
    const bytes = encodeResponseHead(head, ended, this, this.#body, this.#owner.now());
    if (bytes === null) {
      this.#owner.refuseAnswer(this);
      return;
    }
    this.responseStarted = true;
    this.blocked = !this.#owner.connection.write(bytes);
    if (ended) this.#endResponse();
  }

  writeData(chunk: Buffer): boolean {
    if (this.#over || this.responseEnded) return true;
    const body = this.#body;
    const room = body.write(this.#owner.connection, chunk);
    if (body.overrun) this.#owner.cut(this);
    else if (!room) this.blocked = true;
    return room;
  }

  end(trailers: HeaderList | null): void {
    if (this.#over || this.responseEnded) return;
    if (!this.responseStarted || !this.#body.end(this.#owner.connection, trailers)) this.#owner.cut(this);
    else this.#endResponse();
  }

  reset(_reset: StreamReset): void {
    if (!this.#over) this.#owner.cut(this);
  }

  pauseRequest(): void {
    if (!this.#over && !this.requestEnded && !this.responseEnded) this.#owner.pauseRequest(this);
  }

  resumeRequest(): void {
    if (!this.#over && !this.requestEnded) this.#owner.resumeRequest(this);
  }

  acceptUpgrade(head: ResponseHead): Tunnel {
    const bytes = encodeBareHead(head);
    if (this.#over || !this.wantsUpgrade || !this.requestEnded || bytes === null) {
      throw new Error(
        'this exchange cannot leave HTTP: it is over, not an upgrade, or its head is unwritable',
      );
    }
    this.#owner.connection.write(bytes);
    return this.#owner.release(this);
  }

  closeAfter(): void {
    this.persistent = false;
  }

  #endResponse(): void {
    this.responseEnded = true;
    this.#owner.settle(this);
  }
}
