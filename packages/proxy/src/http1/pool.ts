import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import type { HttpClient, RequestStream, ResponseHandler } from '../http/stream.ts';
import type { Connect, Connection } from '../transport/connection.ts';
import { type ClientConnectionOwner, Http1ClientConnection } from './client-connection.ts';
import { ClientExchange } from './client-exchange.ts';
import { Http1Error } from './http1-error.ts';
import { IdleConnections } from './idle-connections.ts';
import type { Offence } from './offence.ts';
import type { HeadLimits } from './request-parser.ts';
import { encodeRequestHead } from './request-writer.ts';
import { ResponseParser } from './response-parser.ts';

export interface Http1PoolOptions {
  /** How long an unused connection is kept. Default 3000. */
  readonly idleTimeoutMs?: number;
  /** Unused connections kept at a time. Default 10 000. */
  readonly maxIdle?: number;
  /** Bytes of a response head. Default 64 KiB. */
  readonly maxHeadBytes?: number;
  /** Field lines of a response head. Default 100. */
  readonly maxFields?: number;
  /** Hears of every answer refused by the codec. */
  readonly onRefused?: (offence: Offence) => void;
}

/**
 * One endpoint over HTTP/1. Every exchange has a connection to itself for as long as it lasts; how many
 * there are at a time is bounded by how many requests the caller starts. Connections are reused for
 * requests to the same host written in the same form; a request of HTTP/1.0 or without a Host, or one that
 * may leave HTTP, gets one of its own.
 */
export class Http1Pool implements HttpClient, ClientConnectionOwner {
  readonly ready = true;
  onReadyChange: ((ready: boolean) => void) | null = null;
  readonly limits: HeadLimits;
  readonly parser: ResponseParser;
  readonly onRefused: (offence: Offence) => void;

  readonly #connect: Connect;
  readonly #idle: IdleConnections;
  #closed = false;

  constructor(connect: Connect, options: Http1PoolOptions = {}) {
    this.#connect = connect;
    this.#idle = new IdleConnections(options.idleTimeoutMs ?? 3000, options.maxIdle ?? 10_000);
    this.limits = { maxHeadBytes: options.maxHeadBytes ?? 64 * 1024, maxFields: options.maxFields ?? 100 };
    this.onRefused = options.onRefused ?? (() => {});
    this.parser = new ResponseParser(this.limits);
  }

  /** Connections waiting for a request. */
  get idle(): number {
    return this.#idle.count;
  }

  /** Nothing to prepare: connections are opened as requests need them. */
  warm(): void {}

  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const key = reuseKey(head);
    const exchange = new ClientExchange(head, ended, key, handler);
    const bytes = this.#closed ? null : encodeRequestHead(head, ended, exchange.body);
    if (bytes === null) {
      const error = this.#closed
        ? new Http1Error('pool-closed', 'the endpoint is no longer in use')
        : new Http1Error('unwritable', 'the request cannot be written as HTTP/1');
      // Later, so that the caller holds the stream before its handler hears of it.
      process.nextTick(() => exchange.fail({ kind: 'io', error }));
      return exchange;
    }
    const connection = key === '' ? null : this.#idle.take(key);
    if (connection === null) {
      this.#open(exchange, bytes);
    } else {
      connection.begin(exchange);
      exchange.reuse(connection, bytes);
    }
    return exchange;
  }

  close(): void {
    this.#closed = true;
    this.#idle.clear();
  }

  // ---- from its connections --------------------------------------------------------------------------

  onReusable(connection: Http1ClientConnection): void {
    if (this.#closed || !this.#idle.add(connection)) connection.destroy();
  }

  onGone(connection: Http1ClientConnection): void {
    this.#idle.remove(connection);
  }

  repeat(exchange: ClientExchange, head: Buffer): void {
    this.#open(exchange, head);
  }

  #open(exchange: ClientExchange, head: Buffer): void {
    this.#connect(exchange.connecting(head)).then(
      (connection) => this.#opened(exchange, connection),
      (error: Error) => exchange.fail({ kind: 'io', error }),
    );
  }

  #opened(exchange: ClientExchange, opened: Connection): void {
    if (exchange.over) {
      opened.destroy();
      return;
    }
    const connection = new Http1ClientConnection(this, opened, exchange.key);
    connection.begin(exchange);
    exchange.connected(connection);
  }
}

/** What requests must have in common to follow each other on a connection; '' where nothing may follow. */
function reuseKey(head: RequestHead): string {
  if (head.version === '1.0' || head.wantsUpgrade) return '';
  const host = getHeader(head.headers, 'host') ?? '';
  return host === '' || head.form !== 'absolute' ? host : `${head.scheme}://${head.authority ?? ''} ${host}`;
}
