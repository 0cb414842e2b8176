import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { Connection, ConnectionHandler } from '../transport/connection.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { Budget } from './budget.ts';
import { ClosedStreams } from './closed-streams.ts';
import { DataSender, type SenderOwner } from './data-sender.ts';
import { ErrorCode, errorCodeName } from './error-code.ts';
import { type FrameEvents, FrameParser } from './frame-parser.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { HeadClock } from './head-clock.ts';
import { HeadSender } from './head-sender.ts';
import { HpackDecoder } from './hpack/decoder.ts';
import { asHttp2Error, enhanceYourCalm, flowControlError, Http2Error, protocolError } from './http2-error.ts';
import { OpenStreams } from './open-streams.ts';
import { announcedSettings, type Http2Options } from './options.ts';
import { ReceiveFlow } from './receive-flow.ts';
import { SessionEnd, type SessionEndOwner } from './session-end.ts';
import { applySettings, endTrust, initialPeerSettings } from './settings.ts';
import type { Http2Stream, StreamOwner } from './stream.ts';
import { canReceive, canSend, transition } from './stream-state.ts';

/**
 * Bytes of a request that may wait for the server's windows before its source is asked to pause. Requests a little
 * longer than a window are common, and have mostly been read to their end by then. Answers get no such room: it is
 * their reader who decides how many of them wait.
 */
const pendingRequestBytes = 64 * 1024;

/**
 * What one side of an HTTP/2 connection is, whichever side it is: the sides differ in who opens streams and
 * what a header block means. How a session ends is `SessionEnd`'s.
 */
export abstract class Http2Session
  implements ConnectionHandler, FrameEvents, StreamOwner, SenderOwner, SessionEndOwner
{
  protected readonly options: Http2Options;
  protected readonly decoder: HpackDecoder;
  protected readonly peer = initialPeerSettings();
  protected readonly writer: FrameWriter;
  protected readonly sender: DataSender;
  protected readonly end: SessionEnd;
  protected readonly streams = new OpenStreams();
  protected readonly closedStreams = new ClosedStreams();
  /** The highest stream id that the peer has opened. */
  lastPeerStream = 0;
  protected readonly resetBudget: Budget;

  readonly #isClient: boolean;
  readonly #parser: FrameParser;
  readonly #reader: FrameReader;
  readonly #headClock: HeadClock;
  readonly #heads: HeadSender;
  readonly #receiveFlow: ReceiveFlow;
  readonly #controlBudget: Budget;
  readonly #emptyDataBudget: Budget;
  #settingsSeen = false;
  /** The stream of the DATA frame being read, and that frame's size; null when nobody wants it. */
  #dataStream: Http2Stream | null = null;
  #dataSize = 0;

  constructor(connection: Connection, options: Http2Options, isClient: boolean) {
    this.options = options;
    this.#isClient = isClient;
    this.decoder = new HpackDecoder(options.maxHeaderListSize, options.headerTableSize);
    this.#parser = new FrameParser(this, this.decoder, options);
    this.#reader = new FrameReader(this.#parser, options.maxFrameSize);
    this.#headClock = new HeadClock(options.headTimeoutMs, () => this.#headIsLate());
    this.writer = new FrameWriter(connection, options.blockedAbove);
    this.#heads = new HeadSender(this.writer, this.peer);
    this.#receiveFlow = new ReceiveFlow(this.writer, options);
    this.#controlBudget = new Budget(options.controlFrames);
    this.#emptyDataBudget = new Budget(options.emptyData);
    this.resetBudget = new Budget(options.resets);
    const pendingMark = isClient ? pendingRequestBytes : 0;
    this.sender = new DataSender(this, this.writer, this.peer, this.#controlBudget, pendingMark);
    this.end = new SessionEnd(this, connection, this.writer, options, isClient);
  }

  /** Opens, or refuses, the stream whose header block the decoder holds, or ends it if they are trailers. */
  abstract onHeaders(streamId: number, endStream: boolean, dependsOnItself: boolean): void;
  abstract onGoaway(lastStreamId: number, code: number): void;
  /** Whether neither side has opened the stream yet. */
  protected abstract isIdle(streamId: number): boolean;
  /** A stream is over; another may be opened. */
  protected abstract streamOver(stream: Http2Stream): void;
  protected abstract peerSettingsChanged(): void;

  /** Called once when the connection is gone; with null after an orderly end. */
  set onClosed(listener: ((error: Error | null) => void) | null) {
    this.end.onClosed = listener;
  }

  /** Called once when no new stream can be opened any more. */
  set onDraining(listener: (() => void) | null) {
    this.end.onDraining = listener;
  }

  get closed(): boolean {
    return this.end.isOver;
  }

  /** Streams that are open. */
  get streamCount(): number {
    return this.streams.size;
  }

  /** Takes no new streams, lets those that are open finish and closes the connection. */
  drain(): void {
    this.end.drain();
  }

  /** Closes at once, without a word. */
  destroy(error: Error): void {
    this.end.abort(error);
  }

  /** Sends what each side says first: our settings and the connection's window. */
  protected greet(): void {
    this.writer.settings(announcedSettings(this.options, this.#isClient));
    this.#receiveFlow.greet();
  }

  // The connection

  onData(chunk: Buffer): void {
    this.receive(chunk, 0);
  }

  protected receive(chunk: Buffer, at: number): void {
    if (this.closed) return;
    this.end.heard();
    try {
      this.#reader.read(chunk, at);
    } catch (error) {
      this.end.fail(asHttp2Error(error));
    }
    ReadMemory.give(chunk);
    this.#headClock.note(this.#parser.blockOpen || this.#reader.headersCut, this.#parser.blocks);
  }

  #headIsLate(): void {
    this.end.fail(enhanceYourCalm('header_block_late', 'header block does not come to its end'));
  }

  onEnd(): void {
    this.end.peerEnded();
  }

  onDrain(): void {
    this.writer.drained();
    if (!this.closed) this.sender.pump();
  }

  onClose(error: Error | null): void {
    this.#headClock.stop();
    this.end.connectionClosed(error);
  }

  // Frames received

  onDataStart(streamId: number, size: number): void {
    this.#dataSize = size;
    this.#receiveFlow.take(size);
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.#dataStream = null;
      this.#dataOnClosed(streamId);
      return;
    }
    this.#dataStream = stream;
    if (!canReceive(stream.state)) {
      this.failStream(stream, ErrorCode.StreamClosed, 'DATA after the end of the stream');
    } else if (!this.#receiveFlow.takeOf(stream, size)) {
      this.failStream(stream, ErrorCode.FlowControlError, 'stream window overrun');
    }
  }

  #dataOnClosed(streamId: number): void {
    if (this.isIdle(streamId)) throw protocolError('DATA on an idle stream');
    if (this.closedStreams.wasReset(streamId) || streamId > this.end.lastAnswered) return;
    this.writer.resetStream(streamId, ErrorCode.StreamClosed);
    this.onControlFrame();
  }

  onDataChunk(buffer: Buffer, start: number, end: number): void {
    const stream = this.#dataStream;
    if (stream === null) return;
    if (stream.contentLeft >= 0) {
      stream.contentLeft -= end - start;
      if (stream.contentLeft < 0) {
        this.failStream(stream, ErrorCode.ProtocolError, 'more DATA than content-length');
        return;
      }
    }
    ReadMemory.share(buffer);
    stream.deliverData(start === 0 && end === buffer.length ? buffer : buffer.subarray(start, end));
  }

  onDataEnd(endStream: boolean, content: number): void {
    const stream = this.#dataStream;
    this.#dataStream = null;
    if (content === 0 && !endStream && !this.#emptyDataBudget.spend()) {
      throw enhanceYourCalm('empty_data_flood', 'too many empty DATA frames');
    }
    if (stream === null) return;
    if (endStream) {
      if (this.remoteEnds(stream)) stream.deliverEnd(null);
      return;
    }
    stream.unreturned += this.#dataSize;
    this.#receiveFlow.reopen(stream);
  }

  onWindowUpdate(streamId: number, increment: number): void {
    if (streamId === 0) {
      if (increment === 0) throw protocolError('WINDOW_UPDATE of 0');
      this.sender.openConnection(increment);
      return;
    }
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      if (this.isIdle(streamId)) throw protocolError('WINDOW_UPDATE on an idle stream');
    } else if (increment === 0) {
      this.failStream(stream, ErrorCode.ProtocolError, 'WINDOW_UPDATE of 0');
    } else if (!this.sender.openStream(stream, increment)) {
      this.failStream(stream, ErrorCode.FlowControlError, 'stream window overflow');
    }
  }

  onReset(streamId: number, code: number): void {
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      if (this.isIdle(streamId)) throw protocolError('RST_STREAM on an idle stream');
      return;
    }
    this.drop(stream, false);
    stream.deliverReset({ kind: 'reset', code });
    if (!this.#isClient) this.spendReset();
  }

  onSettings(buffer: Buffer, start: number, end: number): void {
    const { initialWindow, headerTableSize } = this.peer;
    if (!this.#settingsSeen) endTrust(this.peer);
    this.#settingsSeen = true;
    applySettings(this.peer, buffer, start, end, this.#isClient);
    if (this.peer.headerTableSize !== headerTableSize) this.#heads.tableSizeChanged();
    this.writer.settingsAck();
    const change = this.peer.initialWindow - initialWindow;
    if (change !== 0) {
      for (const stream of this.streams.values()) {
        if (!this.sender.openStream(stream, change)) throw flowControlError('stream window overflow');
      }
    }
    this.peerSettingsChanged();
  }

  onSettingsAck(): void {
    this.#receiveFlow.acknowledged(this.streams.values());
  }

  onPing(buffer: Buffer, at: number, ack: boolean): void {
    if (ack) {
      this.end.pingAcknowledged(buffer, at);
      this.#receiveFlow.pingAcknowledged(buffer, at, this.streams.values());
    } else this.writer.ping(buffer, at, true);
  }

  onBadPriority(streamId: number, frameSizeWrong: boolean): void {
    const code = frameSizeWrong ? ErrorCode.FrameSizeError : ErrorCode.ProtocolError;
    const reason = frameSizeWrong ? 'PRIORITY of a wrong size' : 'stream depends on itself';
    const stream = this.streams.get(streamId);
    if (stream === undefined) throw new Http2Error(code, 'protocol', reason);
    this.failStream(stream, code, reason);
  }

  onControlFrame(): void {
    if (!this.#controlBudget.spend()) throw enhanceYourCalm('control_flood', 'too many control frames');
    this.#checkQueue();
  }

  /** What is not flow-controlled could pile up for a peer that asks and never reads. */
  #checkQueue(): void {
    if (this.writer.queued > this.options.maxQueuedBytes) {
      throw enhanceYourCalm('write_queue_full', 'the peer does not read what it asks for');
    }
  }

  // Streams

  get hasStreams(): boolean {
    return this.streams.size > 0;
  }

  /** Registers a stream whose id is known; its head has been or is about to be sent or received. */
  protected adopt(stream: Http2Stream): void {
    stream.state = transition(stream.state, 'headers');
    stream.sendWindow = this.peer.initialWindow;
    this.#receiveFlow.opened(stream);
    this.streams.add(stream);
    this.#controlBudget.earn(4);
  }

  /** Notes the end of the peer's half; false when the message was shorter than it said, and is refused. */
  protected remoteEnds(stream: Http2Stream): boolean {
    if (stream.contentLeft > 0) {
      this.failStream(stream, ErrorCode.ProtocolError, 'less DATA than content-length');
      return false;
    }
    stream.state = transition(stream.state, 'remote-end');
    if (stream.state === 'closed') this.#forget(stream, false);
    return true;
  }

  /** Resets a misbehaved stream and tells its handler; too many of them end the connection. */
  protected failStream(stream: Http2Stream, code: number, reason: string): void {
    this.options.onOffence?.(code === ErrorCode.FlowControlError ? 'flow_control' : 'malformed_message');
    this.sendReset(stream, code);
    stream.deliverReset({ kind: 'protocol', reason: `${errorCodeName(code)}: ${reason}` });
    this.spendReset();
  }

  protected spendReset(): void {
    if (!this.resetBudget.spend()) throw enhanceYourCalm('rapid_reset', 'too many streams reset');
  }

  /** Answers HEADERS for a stream that is over: they may be late for one that we have reset. */
  protected headersOnClosed(streamId: number): void {
    if (!this.closedStreams.wasEnded(streamId)) return;
    throw new Http2Error(ErrorCode.StreamClosed, 'protocol', 'HEADERS on a closed stream');
  }

  /** The session is over: every stream hears why. */
  resetStreams(error: Error): void {
    for (const stream of this.streams.values()) {
      stream.state = transition(stream.state, 'reset');
      this.sender.abandon(stream);
      stream.deliverReset({ kind: 'io', error });
    }
    this.streams.clear();
  }

  /** Forgets a stream before its end, without a word. */
  protected drop(stream: Http2Stream, resetByUs: boolean): void {
    stream.state = transition(stream.state, 'reset');
    this.sender.abandon(stream);
    this.#forget(stream, resetByUs);
  }

  #forget(stream: Http2Stream, resetByUs: boolean): void {
    if (this.#dataStream === stream) this.#dataStream = null;
    if (!this.streams.delete(stream.id)) return;
    this.closedStreams.remember(stream.id, resetByUs);
    this.streamOver(stream);
    this.end.streamOver();
  }

  // What streams ask for

  sendRequestHead(stream: Http2Stream, head: RequestHead, ended: boolean): void {
    this.#heads.request(stream.id, head, ended);
    if (ended) this.localEnded(stream);
  }

  sendResponseHead(stream: Http2Stream, head: ResponseHead, ended: boolean): void {
    if (!canSend(stream.state)) return;
    this.#heads.response(stream.id, head, ended);
    if (ended) this.localEnded(stream);
    if (this.writer.queued > this.options.maxQueuedBytes) this.#failQueueSoon();
  }

  /** Not at once: the caller is in the middle of answering. */
  #failQueueSoon(): void {
    queueMicrotask(() => {
      try {
        this.#checkQueue();
      } catch (error) {
        this.end.fail(asHttp2Error(error));
      }
    });
  }

  sendTrailers(stream: Http2Stream, trailers: HeaderList): void {
    this.#heads.trailers(stream.id, trailers);
  }

  sendData(stream: Http2Stream, chunk: Buffer): boolean {
    if (chunk.length === 0 || (!canSend(stream.state) && stream.state !== 'idle')) return true;
    return this.sender.write(stream, chunk);
  }

  sendEnd(stream: Http2Stream, trailers: HeaderList | null): void {
    if (canSend(stream.state) || stream.state === 'idle') this.sender.end(stream, trailers);
  }

  localEnded(stream: Http2Stream): void {
    stream.state = transition(stream.state, 'local-end');
    this.resetBudget.earn(1);
    if (stream.state === 'closed') this.#forget(stream, false);
  }

  sendReset(stream: Http2Stream, code: number): void {
    if (stream.state === 'closed') return;
    if (stream.state !== 'idle') this.writer.resetStream(stream.id, code);
    this.drop(stream, true);
  }

  openWindow(stream: Http2Stream): void {
    this.#receiveFlow.reopen(stream);
  }
}
