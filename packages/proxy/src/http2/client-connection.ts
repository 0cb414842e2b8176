import { MAX_INFORMATIONAL } from '../http/informational.ts';
import type { RequestHead } from '../http/message.ts';
import type { RequestStream, ResponseHandler, StreamReset } from '../http/stream.ts';
import type { Connection } from '../transport/connection.ts';
import { ClientStream } from './client-stream.ts';
import { ErrorCode } from './error-code.ts';
import { clientPreface } from './frame.ts';
import { protocolError } from './http2-error.ts';
import { readResponseHead, readTrailers } from './message-fields.ts';
import { type Http2Options, http2Options } from './options.ts';
import { Http2Session } from './session.ts';
import { canReceive } from './stream-state.ts';

/** A connection gets no new streams above this id, so that ids never run out under way. */
const lastUsableStream = 2 ** 30 - 1;

const refused: StreamReset = { kind: 'reset', code: ErrorCode.RefusedStream };

/**
 * The client's side of one connection, by prior knowledge. Requests above the peer's limit of streams wait in
 * a bounded queue; those the peer has certainly not seen end with REFUSED_STREAM and may be tried elsewhere.
 */
export class Http2ClientConnection extends Http2Session {
  #nextStream = 1;
  #queue: ClientStream[] = [];
  #queueHead = 0;

  constructor(connection: Connection, options: Partial<Http2Options> = {}) {
    super(connection, http2Options(options), true);
    connection.handler = this;
    this.writer.raw(clientPreface);
    this.greet();
  }

  /** Takes requests. */
  get usable(): boolean {
    return this.end.isOpen;
  }

  /** The handler hears REFUSED_STREAM when the connection takes no more requests or too many wait. */
  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const stream = new ClientStream(this, head, ended, handler);
    if (!this.usable) {
      this.#refuseSoon(stream);
    } else if (this.#waiting === 0 && this.streams.size < this.peer.maxConcurrentStreams) {
      this.#start(stream, head);
    } else if (this.#waiting < this.options.maxQueuedRequests) {
      this.#queue.push(stream);
    } else {
      this.options.onOffence?.('stream_queue_full');
      this.#refuseSoon(stream);
    }
    return stream;
  }

  get #waiting(): number {
    return this.#queue.length - this.#queueHead;
  }

  #refuseSoon(stream: ClientStream): void {
    queueMicrotask(() => this.#refuse(stream));
  }

  #refuse(stream: ClientStream): void {
    if (stream.state === 'closed') return;
    this.drop(stream, true);
    stream.deliverReset(refused);
  }

  #start(stream: ClientStream, head: RequestHead): void {
    stream.id = this.#nextStream;
    stream.head = null;
    this.#nextStream += 2;
    this.adopt(stream);
    this.sendRequestHead(stream, head, stream.headEnds);
    if (!stream.headEnds && (stream.pendingBytes > 0 || stream.endWanted || stream.drainOwed)) {
      this.sender.started(stream);
    }
    if (this.#nextStream > lastUsableStream) this.drain();
  }

  #startWaiting(): void {
    while (this.#waiting > 0 && this.usable && this.streams.size < this.peer.maxConcurrentStreams) {
      const stream = this.#queue[this.#queueHead++];
      if (stream.head !== null && stream.state === 'idle') this.#start(stream, stream.head);
    }
    if (this.#waiting > 0 && this.#queueHead < 64) return;
    this.#queue.splice(0, this.#queueHead);
    this.#queueHead = 0;
  }

  onHeaders(streamId: number, endStream: boolean): void {
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      if (this.isIdle(streamId)) throw protocolError('HEADERS on a stream that was not opened');
      this.headersOnClosed(streamId);
      return;
    }
    if (!canReceive(stream.state)) {
      this.failStream(stream, ErrorCode.StreamClosed, 'HEADERS after the end of the stream');
    } else if (this.decoder.tooLarge) {
      this.options.onOffence?.('header_list_too_large');
      this.failStream(stream, ErrorCode.ProtocolError, 'header list too large');
    } else if (stream instanceof ClientStream) {
      if (stream.answered) this.#trailers(stream, endStream);
      else this.#head(stream, endStream);
    }
  }

  #head(stream: ClientStream, endStream: boolean): void {
    const head = readResponseHead(this.decoder);
    if (typeof head === 'string') {
      this.failStream(stream, ErrorCode.ProtocolError, head);
      return;
    }
    if (head.status < 200) {
      if (endStream) this.failStream(stream, ErrorCode.ProtocolError, 'informational answer with END_STREAM');
      else if (++stream.informational > MAX_INFORMATIONAL) this.#tooManyInformational(stream);
      else stream.handler.onInformational(head);
      return;
    }
    stream.answered = true;
    const bodyless = stream.isHead || head.status === 204 || head.status === 304;
    stream.contentLeft = bodyless ? 0 : head.contentLength;
    if (endStream && !this.remoteEnds(stream)) return;
    stream.handler.onResponseHead(head, endStream);
  }

  #tooManyInformational(stream: ClientStream): void {
    this.options.onOffence?.('too_many_informational');
    this.sendReset(stream, ErrorCode.EnhanceYourCalm);
    stream.deliverReset({ kind: 'protocol', reason: 'too many informational answers' });
  }

  #trailers(stream: ClientStream, endStream: boolean): void {
    const trailers = endStream ? readTrailers(this.decoder) : 'trailers without END_STREAM';
    if (typeof trailers === 'string') this.failStream(stream, ErrorCode.ProtocolError, trailers);
    else if (this.remoteEnds(stream)) stream.deliverEnd(trailers);
  }

  protected isIdle(streamId: number): boolean {
    return streamId % 2 === 0 || streamId >= this.#nextStream;
  }

  /** The peer has not and will not look at streams above `lastStreamId`: they may be sent elsewhere. */
  onGoaway(lastStreamId: number): void {
    this.end.peerDrains();
    this.#refuseWaiting();
    for (const stream of this.streams.values()) {
      if (stream.id > lastStreamId && stream instanceof ClientStream) this.#refuse(stream);
    }
  }

  override drain(): void {
    super.drain();
    this.#refuseWaiting();
  }

  override resetStreams(error: Error): void {
    super.resetStreams(error);
    this.#refuseWaiting();
  }

  #refuseWaiting(): void {
    const waiting = this.#queue;
    const from = this.#queueHead;
    this.#queue = [];
    this.#queueHead = 0;
    for (let i = from; i < waiting.length; i++) this.#refuse(waiting[i]);
  }

  protected streamOver(): void {
    if (this.#waiting > 0) this.#startWaiting();
  }

  protected peerSettingsChanged(): void {
    if (this.#waiting > 0) this.#startWaiting();
  }
}
