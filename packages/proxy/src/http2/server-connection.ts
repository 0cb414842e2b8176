import type { RequestListener } from '../http/stream.ts';
import type { Connection } from '../transport/connection.ts';
import { ErrorCode } from './error-code.ts';
import { clientPreface } from './frame.ts';
import { enhanceYourCalm, protocolError } from './http2-error.ts';
import { readRequestHead, readTrailers } from './message-fields.ts';
import { type Http2Options, http2Options } from './options.ts';
import { ServerStream } from './server-stream.ts';
import { Http2Session } from './session.ts';
import type { Http2Stream } from './stream.ts';
import { canReceive } from './stream-state.ts';

/**
 * The server's side of a connection on which the client speaks HTTP/2 from the first byte on (prior
 * knowledge). `drain` ends it gracefully, `destroy` at once; `onClosed` is called when it is gone.
 */
export class Http2ServerConnection extends Http2Session {
  readonly #listener: RequestListener;
  #prefaceRead = 0;

  /** @param initial what detection has read from the connection, beginning with the client's preface */
  constructor(
    connection: Connection,
    options: Partial<Http2Options>,
    listener: RequestListener,
    initial: Buffer | null = null,
  ) {
    super(connection, http2Options(options), false);
    this.#listener = listener;
    connection.handler = this;
    this.greet();
    if (initial !== null && initial.length > 0) queueMicrotask(() => this.onData(initial));
  }

  override onData(chunk: Buffer): void {
    if (this.#prefaceRead === clientPreface.length) {
      this.receive(chunk, 0);
      return;
    }
    const read = this.#prefaceRead;
    const taken = Math.min(chunk.length, clientPreface.length - read);
    if (clientPreface.compare(chunk, 0, taken, read, read + taken) !== 0) {
      this.end.fail(protocolError('not the client preface of HTTP/2'));
      return;
    }
    this.#prefaceRead += taken;
    if (taken < chunk.length) this.receive(chunk, taken);
  }

  onHeaders(streamId: number, endStream: boolean, dependsOnItself: boolean): void {
    if (streamId % 2 === 0) throw protocolError('HEADERS on an even stream');
    const known = this.streams.get(streamId);
    if (known !== undefined) {
      this.#trailers(known, endStream);
    } else if (streamId <= this.lastPeerStream) {
      if (this.closedStreams.isForgotten(streamId)) throw protocolError('stream ids do not rise');
      this.headersOnClosed(streamId);
    } else {
      this.#request(streamId, endStream, dependsOnItself);
    }
  }

  #request(streamId: number, endStream: boolean, dependsOnItself: boolean): void {
    this.lastPeerStream = streamId;
    if (streamId > this.end.lastAnswered) return;
    const stream = new ServerStream(this);
    stream.id = streamId;
    this.adopt(stream);
    if (this.streams.size > (this.options.maxConcurrentStreams ?? this.options.refusedAbove)) {
      this.options.onOffence?.('too_many_streams');
      this.#refuse(stream);
      return;
    }
    if (this.decoder.tooLarge) {
      this.#answerTooLarge(stream, endStream);
      return;
    }
    const head = dependsOnItself ? 'stream depends on itself' : readRequestHead(this.decoder);
    if (typeof head === 'string') {
      this.failStream(stream, ErrorCode.ProtocolError, head);
      return;
    }
    stream.contentLeft = head.contentLength;
    if (endStream && !this.remoteEnds(stream)) return;
    stream.handler = this.#listener(head, endStream, stream);
  }

  #refuse(stream: ServerStream): void {
    this.sendReset(stream, ErrorCode.RefusedStream);
    if (!this.resetBudget.spend()) throw enhanceYourCalm('too_many_streams', 'many streams above the limit');
  }

  #answerTooLarge(stream: ServerStream, endStream: boolean): void {
    this.options.onOffence?.('header_list_too_large');
    if (endStream) this.remoteEnds(stream);
    stream.writeHead({ status: 431, version: '2', headers: ['content-length', '0'], contentLength: 0 }, true);
    if (!endStream) this.sendReset(stream, ErrorCode.NoError);
  }

  #trailers(stream: Http2Stream, endStream: boolean): void {
    if (!canReceive(stream.state)) {
      this.failStream(stream, ErrorCode.StreamClosed, 'HEADERS after the end of the stream');
      return;
    }
    if (!endStream) {
      this.failStream(stream, ErrorCode.ProtocolError, 'trailers without END_STREAM');
      return;
    }
    const trailers = this.decoder.tooLarge ? 'trailers too large' : readTrailers(this.decoder);
    if (typeof trailers === 'string') this.failStream(stream, ErrorCode.ProtocolError, trailers);
    else if (this.remoteEnds(stream)) stream.deliverEnd(trailers);
  }

  protected isIdle(streamId: number): boolean {
    return streamId % 2 === 0 || streamId > this.lastPeerStream;
  }

  onGoaway(): void {
    this.end.peerDrains();
  }

  protected streamOver(stream: Http2Stream): void {
    if (stream instanceof ServerStream && stream.closesConnection) this.drain();
  }

  protected peerSettingsChanged(): void {}
}
