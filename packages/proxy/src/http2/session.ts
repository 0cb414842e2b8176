import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { Connection, ConnectionHandler } from '../transport/connection.ts';
import { Budget } from './budget.ts';
import { ClosedStreams } from './closed-streams.ts';
import { DataSender, type SenderOwner } from './data-sender.ts';
import { ErrorCode, errorCodeName } from './error-code.ts';
import { defaultWindow, Flag, FrameType, maxStreamId } from './frame.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { HeaderAssembly } from './header-assembly.ts';
import { HpackDecoder } from './hpack/decoder.ts';
import { encodedBound, HpackEncoder } from './hpack/encoder.ts';
import {
  enhanceYourCalm,
  flowControlError,
  frameSizeError,
  Http2Error,
  type Http2Offence,
  protocolError,
} from './http2-error.ts';
import { KeepAlive, type KeepAliveTarget } from './keep-alive.ts';
import { announcedSettings, type Http2Options } from './options.ts';
import { applySettings, initialPeerSettings } from './settings.ts';
import type { Http2Stream, StreamOwner } from './stream.ts';
import { canReceive, canSend, transition } from './stream-state.ts';

/**
 * open ── drain, GOAWAY, protocol error ──▶ draining ── last stream over ──▶ closing ──▶ closed
 * `draining` takes no new streams; `closing` has said its last word and waits for the peer's close.
 */
export type SessionState = 'open' | 'draining' | 'closing' | 'closed';

const drainPing = Buffer.from('weft-end');
const keepAlivePing = Buffer.from('weft-pin');

/** Room for the pseudo-headers of a request: five names and the integers around them. */
const pseudoBound = 128;

/** What one side of an HTTP/2 connection is, whichever side it is. The two sides differ in who opens streams. */
export abstract class Http2Session
  implements ConnectionHandler, FrameSink, StreamOwner, SenderOwner, KeepAliveTarget
{
  /** Called once when the connection is gone; null after an orderly end. */
  onClosed: ((error: Error | null) => void) | null = null;
  /** Called once when no new stream can be opened any more. */
  onDraining: (() => void) | null = null;

  protected readonly options: Http2Options;
  protected readonly connection: Connection;
  protected readonly writer: FrameWriter;
  protected readonly decoder: HpackDecoder;
  protected readonly peer = initialPeerSettings();
  protected readonly streams = new Map<number, Http2Stream>();
  protected readonly closedStreams = new ClosedStreams();
  protected readonly sender: DataSender;
  protected state: SessionState = 'open';
  /** The highest stream id that the peer has opened. */
  protected lastPeerStream = 0;
  /** Streams above it are not answered any more. */
  protected goawayStream = maxStreamId;
  protected readonly resetBudget: Budget;

  readonly #isClient: boolean;
  readonly #reader: FrameReader;
  readonly #encoder: HpackEncoder;
  readonly #assembly: HeaderAssembly;
  readonly #controlBudget: Budget;
  readonly #emptyDataBudget: Budget;
  readonly #keepAlive: KeepAlive | null;
  #settingsSeen = false;
  #settingsAcknowledged = false;
  #connectionReceiveWindow: number;
  #connectionUnreturned = 0;
  #dataStream: Http2Stream | null = null;
  #dataSize = 0;
  #error: Error | null = null;
  #lingerTimer: NodeJS.Timeout | null = null;
  #drainPingSent = false;

  constructor(connection: Connection, options: Http2Options, isClient: boolean) {
    this.connection = connection;
    this.options = options;
    this.#isClient = isClient;
    this.writer = new FrameWriter(connection);
    this.decoder = new HpackDecoder(options.maxHeaderListSize, options.headerTableSize);
    this.#reader = new FrameReader(this, options.maxFrameSize);
    this.#encoder = new HpackEncoder(this.peer.headerTableSize);
    // Integers and names in full make a block longer than its list counts, but not twice as long.
    const maxBlockSize = Math.max(options.maxHeaderListSize * 2, options.maxFrameSize);
    this.#assembly = new HeaderAssembly(maxBlockSize, options.maxContinuations);
    this.#controlBudget = new Budget(options.controlFrames);
    this.#emptyDataBudget = new Budget(options.emptyData);
    this.resetBudget = new Budget(options.resets);
    this.sender = new DataSender(this, this.writer, this.peer, this.#controlBudget);
    this.#connectionReceiveWindow = Math.max(options.connectionWindow, defaultWindow);
    this.#keepAlive = options.keepAlive === null ? null : new KeepAlive(options.keepAlive, this);
  }

  /** Opens, or refuses, the stream whose header block the decoder holds, or ends it if they are trailers. */
  protected abstract headersReceived(streamId: number, endStream: boolean, dependsOnItself: boolean): void;
  /** Whether the stream has never been opened by either side. */
  protected abstract isIdle(streamId: number): boolean;
  protected abstract goawayReceived(lastStreamId: number, code: number): void;
  /** A stream is over; another may be opened. */
  protected abstract streamOver(stream: Http2Stream): void;
  /** The peer's limit of streams may have changed. */
  protected abstract peerSettingsChanged(): void;

  get closed(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  get hasStreams(): boolean {
    return this.streams.size > 0;
  }

  /** Streams that are open. */
  get streamCount(): number {
    return this.streams.size;
  }

  /** Sends what each side says first, our settings and the connection's window. */
  protected greet(): void {
    this.writer.settings(announcedSettings(this.options, this.#isClient));
    const extra = this.#connectionReceiveWindow - defaultWindow;
    if (extra > 0) this.writer.windowUpdate(0, extra);
  }

  // Connection

  onData(chunk: Buffer): void {
    this.receive(chunk, 0);
  }

  protected receive(chunk: Buffer, at: number): void {
    if (this.closed) return;
    this.#keepAlive?.heard();
    try {
      this.#reader.read(chunk, at);
    } catch (error) {
      this.fail(asHttp2Error(error));
    }
  }

  onEnd(): void {
    if (this.closed) return;
    if (this.streams.size > 0) {
      this.#abort(new Error('HTTP/2 connection ended by its peer'));
    } else {
      this.#becomeClosing(new Error('HTTP/2 connection closed'));
      this.#endConnection();
    }
  }

  onDrain(): void {
    this.writer.drained();
    if (!this.closed) this.sender.pump();
  }

  onClose(error: Error | null): void {
    if (this.state === 'closed') return;
    const wasClosing = this.state === 'closing';
    this.#stopTimers();
    const reason = this.#error ?? (wasClosing ? null : error);
    this.#becomeClosing(reason ?? new Error('HTTP/2 connection closed'));
    this.state = 'closed';
    this.onClosed?.(reason);
  }

  /** Closes at once, without a word. */
  destroy(error: Error): void {
    if (this.state !== 'closed') this.#abort(error);
  }

  #abort(error: Error | null): void {
    this.#error ??= error;
    this.#stopTimers();
    this.#becomeClosing(error ?? new Error('HTTP/2 connection closed'));
    this.connection.destroy(error ?? undefined);
  }

  /** Ends the connection with GOAWAY because of what the peer did. */
  protected fail(error: Http2Error): void {
    if (this.closed) return;
    this.offence(error.offence);
    this.#error = error;
    this.writer.goaway(this.lastPeerStream, error.code, error.message.slice(0, 128));
    this.#becomeClosing(error);
    this.#endConnection();
  }

  /**
   * Takes no new streams, lets those that are open finish and closes the connection. The peer is first told
   * that the end is near, and which streams it may count on only when that has reached it (RFC 9113
   * section 6.8), so that no request is lost on the way.
   */
  drain(): void {
    if (this.state !== 'open') return;
    this.becomeDraining();
    if (this.#isClient) {
      this.writer.goaway(0, ErrorCode.NoError, '');
      this.endIfIdle();
      return;
    }
    this.#drainPingSent = true;
    this.writer.goaway(maxStreamId, ErrorCode.NoError, '');
    this.writer.ping(drainPing, 0, false);
    this.#linger(() => this.#settleDrain());
  }

  #settleDrain(): void {
    if (!this.#drainPingSent || this.closed) return;
    this.#drainPingSent = false;
    this.goawayStream = this.lastPeerStream;
    this.writer.goaway(this.goawayStream, ErrorCode.NoError, '');
    this.endIfIdle();
  }

  protected becomeDraining(): void {
    if (this.state !== 'open') return;
    this.state = 'draining';
    this.onDraining?.();
  }

  protected endIfIdle(): void {
    if (this.state !== 'draining' || this.streams.size > 0 || this.#drainPingSent) return;
    this.#becomeClosing(new Error('HTTP/2 connection closed'));
    this.#endConnection();
  }

  #endConnection(): void {
    this.writer.flush();
    this.connection.end();
    this.#linger(() => this.connection.destroy());
  }

  #linger(then: () => void): void {
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = setTimeout(then, this.options.lingerMs);
    this.#lingerTimer.unref();
  }

  #becomeClosing(error: Error): void {
    if (this.closed) return;
    const draining = this.state === 'draining';
    this.state = 'closing';
    this.#keepAlive?.stop();
    if (!draining) this.onDraining?.();
    for (const stream of this.streams.values()) {
      stream.state = transition(stream.state, 'reset');
      this.sender.abandon(stream);
      stream.deliverReset({ kind: 'io', error });
    }
    this.streams.clear();
    this.closing(error);
  }

  /** The session will not send or take anything more. */
  protected closing(_error: Error): void {}

  #stopTimers(): void {
    this.#keepAlive?.stop();
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = null;
  }

  protected offence(offence: Http2Offence): void {
    this.options.onOffence?.(offence);
  }

  // Keep-alive

  sendKeepAlivePing(): void {
    this.writer.ping(keepAlivePing, 0, false);
  }

  keepAliveTimedOut(): void {
    this.offence('keep_alive_timeout');
    this.#abort(new Error('HTTP/2 peer does not answer PING'));
  }

  // Frames received

  frameReceived(
    type: number,
    flags: number,
    streamId: number,
    buffer: Buffer,
    start: number,
    end: number,
  ): void {
    this.#checkOrder(type, flags);
    switch (type) {
      case FrameType.Headers:
        this.#headers(flags, streamId, buffer, start, end);
        return;
      case FrameType.Continuation:
        this.#continuation(flags, streamId, buffer.subarray(start, end));
        return;
      case FrameType.WindowUpdate:
        this.#windowUpdate(streamId, buffer, start, end);
        break;
      case FrameType.RstStream:
        this.#resetReceived(streamId, buffer, start, end);
        break;
      case FrameType.Settings:
        this.#settings(flags, streamId, buffer, start, end);
        break;
      case FrameType.Ping:
        this.#ping(flags, streamId, buffer, start, end);
        break;
      case FrameType.Goaway:
        this.#goaway(streamId, buffer, start, end);
        break;
      case FrameType.Priority:
        this.#priority(streamId, buffer, start, end);
        break;
      case FrameType.PushPromise:
        throw protocolError('PUSH_PROMISE although push is off');
      default:
        break;
    }
    this.#spendControl();
  }

  /** SETTINGS come first, and a header block is not interrupted. */
  #checkOrder(type: number, flags: number): void {
    if (!this.#settingsSeen) {
      if (type !== FrameType.Settings || (flags & Flag.Ack) !== 0) {
        throw protocolError('the first frame is not SETTINGS');
      }
      this.#settingsSeen = true;
    }
    if (this.#assembly.streamId !== 0 && type !== FrameType.Continuation) {
      throw protocolError('header block interrupted by another frame');
    }
  }

  #spendControl(): void {
    if (!this.#controlBudget.spend()) throw enhanceYourCalm('control_flood', 'too many control frames');
    this.#checkQueue();
  }

  #checkQueue(): void {
    if (this.writer.blocked && this.writer.queued > this.options.maxQueuedBytes) {
      throw enhanceYourCalm('write_queue_full', 'the peer does not read what it asks for');
    }
  }

  #headers(flags: number, streamId: number, buffer: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('HEADERS on stream 0');
    let from = start;
    let to = end;
    if ((flags & Flag.Padded) !== 0) {
      if (from >= to) throw frameSizeError('padded HEADERS without pad length');
      to -= buffer[from++];
    }
    let dependsOnItself = false;
    if ((flags & Flag.Priority) !== 0) {
      if (end - from < 5) throw frameSizeError('HEADERS too short for their priority');
      dependsOnItself = (buffer.readUInt32BE(from) & maxStreamId) === streamId;
      from += 5;
    }
    if (from > to) throw protocolError('HEADERS padding longer than the frame');
    if ((flags & Flag.EndHeaders) === 0) {
      this.#assembly.start(streamId, flags, buffer.subarray(from, to), dependsOnItself);
      return;
    }
    this.decoder.decode(buffer, from, to);
    this.#blockDecoded(streamId, flags, dependsOnItself);
  }

  #continuation(flags: number, streamId: number, fragment: Buffer): void {
    this.#assembly.continue(streamId, fragment);
    if ((flags & Flag.EndHeaders) === 0) return;
    const block = this.#assembly.finish();
    this.decoder.decode(block, 0, block.length);
    this.#blockDecoded(streamId, this.#assembly.flags, this.#assembly.dependsOnItself);
  }

  #blockDecoded(streamId: number, flags: number, dependsOnItself: boolean): void {
    this.#controlBudget.earn(4);
    this.headersReceived(streamId, (flags & Flag.EndStream) !== 0, dependsOnItself);
  }

  #windowUpdate(streamId: number, buffer: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw frameSizeError(`WINDOW_UPDATE of ${end - start} bytes`);
    const increment = buffer.readUInt32BE(start) & maxStreamId;
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

  #resetReceived(streamId: number, buffer: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw frameSizeError(`RST_STREAM of ${end - start} bytes`);
    if (streamId === 0) throw protocolError('RST_STREAM on stream 0');
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      if (this.isIdle(streamId)) throw protocolError('RST_STREAM on an idle stream');
      return;
    }
    this.#drop(stream, false);
    stream.deliverReset({ kind: 'reset', code: buffer.readUInt32BE(start) });
    if (!this.#isClient) this.#spendReset();
  }

  #settings(flags: number, streamId: number, buffer: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw protocolError('SETTINGS on a stream');
    if ((flags & Flag.Ack) !== 0) {
      if (start !== end) throw frameSizeError('SETTINGS acknowledgement with a payload');
      this.#settingsAcknowledgedNow();
      return;
    }
    const { initialWindow, headerTableSize } = this.peer;
    applySettings(this.peer, buffer, start, end, this.#isClient);
    if (this.peer.headerTableSize !== headerTableSize) {
      this.#encoder.setPeerTableSize(this.peer.headerTableSize);
    }
    this.writer.settingsAck();
    const change = this.peer.initialWindow - initialWindow;
    if (change !== 0) {
      for (const stream of this.streams.values()) {
        if (!this.sender.openStream(stream, change)) throw flowControlError('stream window overflow');
      }
    }
    this.peerSettingsChanged();
  }

  /** Until then the peer counts with the window of the RFC, which may be larger than ours. */
  #settingsAcknowledgedNow(): void {
    if (this.#settingsAcknowledged) return;
    this.#settingsAcknowledged = true;
    const surplus = defaultWindow - this.options.streamWindow;
    if (surplus > 0) for (const stream of this.streams.values()) stream.receiveWindow -= surplus;
  }

  #ping(flags: number, streamId: number, buffer: Buffer, start: number, end: number): void {
    if (end - start !== 8) throw frameSizeError(`PING of ${end - start} bytes`);
    if (streamId !== 0) throw protocolError('PING on a stream');
    if ((flags & Flag.Ack) === 0) {
      this.writer.ping(buffer, start, true);
    } else {
      this.#keepAlive?.acknowledged();
      if (drainPing.compare(buffer, start, end) === 0) this.#settleDrain();
    }
  }

  #goaway(streamId: number, buffer: Buffer, start: number, end: number): void {
    if (end - start < 8) throw frameSizeError(`GOAWAY of ${end - start} bytes`);
    if (streamId !== 0) throw protocolError('GOAWAY on a stream');
    this.goawayReceived(buffer.readUInt32BE(start) & maxStreamId, buffer.readUInt32BE(start + 4));
  }

  #priority(streamId: number, buffer: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('PRIORITY on stream 0');
    const stream = this.streams.get(streamId);
    if (end - start !== 5) {
      if (stream === undefined) throw frameSizeError(`PRIORITY of ${end - start} bytes`);
      this.failStream(stream, ErrorCode.FrameSizeError, `PRIORITY of ${end - start} bytes`);
    } else if ((buffer.readUInt32BE(start) & maxStreamId) === streamId) {
      if (stream === undefined) throw protocolError('PRIORITY of a stream on itself');
      this.failStream(stream, ErrorCode.ProtocolError, 'stream depends on itself');
    }
  }

  dataStarted(streamId: number, size: number): void {
    this.#checkOrder(FrameType.Data, 0);
    if (streamId === 0) throw protocolError('DATA on stream 0');
    this.#dataSize = size;
    this.#connectionReceiveWindow -= size;
    if (this.#connectionReceiveWindow < 0) throw flowControlError('connection window overrun');
    this.#connectionUnreturned += size;
    if (this.#connectionUnreturned * 2 >= this.options.connectionWindow) {
      this.writer.windowUpdate(0, this.#connectionUnreturned);
      this.#connectionReceiveWindow += this.#connectionUnreturned;
      this.#connectionUnreturned = 0;
    }
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      this.#dataStream = null;
      this.#dataOnClosed(streamId);
      return;
    }
    this.#dataStream = stream;
    if (!canReceive(stream.state)) {
      this.failStream(stream, ErrorCode.StreamClosed, 'DATA after the end of the stream');
      return;
    }
    stream.receiveWindow -= size;
    if (stream.receiveWindow < 0) {
      this.offence('flow_control');
      this.failStream(stream, ErrorCode.FlowControlError, 'stream window overrun');
    }
  }

  #dataOnClosed(streamId: number): void {
    if (this.isIdle(streamId)) throw protocolError('DATA on an idle stream');
    if (this.closedStreams.wasReset(streamId) || streamId > this.goawayStream) return;
    this.writer.resetStream(streamId, ErrorCode.StreamClosed);
    this.#spendControl();
  }

  dataReceived(buffer: Buffer, start: number, end: number): void {
    const stream = this.#dataStream;
    if (stream === null) return;
    if (stream.contentLeft >= 0) {
      stream.contentLeft -= end - start;
      if (stream.contentLeft < 0) {
        this.failStream(stream, ErrorCode.ProtocolError, 'more DATA than content-length');
        return;
      }
    }
    stream.deliverData(start === 0 && end === buffer.length ? buffer : buffer.subarray(start, end));
  }

  dataFinished(endStream: boolean, content: number): void {
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
    this.openWindow(stream);
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

  /** A malformed or misbehaved stream is reset and its handler told; too many of them end the connection. */
  protected failStream(stream: Http2Stream, code: number, reason: string): void {
    if (code === ErrorCode.ProtocolError) this.offence('malformed_message');
    this.writer.resetStream(stream.id, code);
    this.#drop(stream, true);
    stream.deliverReset({ kind: 'protocol', reason: `${errorCodeName(code)}: ${reason}` });
    this.#spendReset();
  }

  #spendReset(): void {
    if (!this.resetBudget.spend()) throw enhanceYourCalm('rapid_reset', 'too many streams reset');
  }

  #drop(stream: Http2Stream, resetByUs: boolean): void {
    stream.state = transition(stream.state, 'reset');
    this.sender.abandon(stream);
    this.#forget(stream, resetByUs);
  }

  #forget(stream: Http2Stream, resetByUs: boolean): void {
    if (this.#dataStream === stream) this.#dataStream = null;
    if (!this.streams.delete(stream.id)) return;
    this.closedStreams.remember(stream.id, resetByUs);
    this.streamOver(stream);
    if (this.state === 'draining') this.endIfIdle();
  }

  // Streams

  /** Registers a stream whose id is known; its head has been or is about to be sent or received. */
  protected adopt(stream: Http2Stream): void {
    stream.state = transition(stream.state, 'headers');
    stream.sendWindow = this.peer.initialWindow;
    stream.receiveWindow = this.#settingsAcknowledged
      ? this.options.streamWindow
      : Math.max(this.options.streamWindow, defaultWindow);
    this.streams.set(stream.id, stream);
  }

  sendRequestHead(stream: Http2Stream, head: RequestHead, ended: boolean): void {
    const authority = head.authority ?? '';
    const bound =
      encodedBound(head.headers) +
      head.method.length +
      head.path.length +
      head.scheme.length +
      authority.length;
    const encoder = this.#startBlock(bound + pseudoBound);
    encoder.field(':method', head.method);
    if (head.form !== 'authority') {
      encoder.field(':scheme', head.scheme);
      encoder.field(':path', head.path);
    }
    if (authority !== '') encoder.field(':authority', authority);
    this.#finishBlock(stream, head.headers, ended);
  }

  sendResponseHead(stream: Http2Stream, head: ResponseHead, ended: boolean): void {
    if (!canSend(stream.state)) return;
    const encoder = this.#startBlock(encodedBound(head.headers) + pseudoBound);
    encoder.field(':status', statusText(head.status));
    this.#finishBlock(stream, head.headers, ended);
    if (ended) this.localEnded(stream);
  }

  sendTrailers(stream: Http2Stream, trailers: HeaderList): void {
    this.#startBlock(encodedBound(trailers));
    this.#finishBlock(stream, trailers, true);
  }

  #startBlock(bound: number): HpackEncoder {
    if (bound <= this.peer.maxFrameSize) {
      this.writer.startHeaders(bound);
      this.#encoder.begin(this.writer.target, this.writer.targetOffset);
      this.#longBlock = null;
    } else {
      this.#longBlock = Buffer.allocUnsafe(bound);
      this.#encoder.begin(this.#longBlock, 0);
    }
    return this.#encoder;
  }

  #longBlock: Buffer | null = null;

  #finishBlock(stream: Http2Stream, fields: HeaderList, endStream: boolean): void {
    const encoder = this.#encoder;
    for (let i = 0; i < fields.length; i += 2) encoder.field(fields[i], fields[i + 1]);
    const end = encoder.position;
    if (this.#longBlock === null) {
      this.writer.finishHeaders(end, stream.id, endStream);
    } else {
      this.writer.longHeaders(this.#longBlock, end, stream.id, endStream, this.peer.maxFrameSize);
      this.#longBlock = null;
    }
    if (this.writer.blocked && this.writer.queued > this.options.maxQueuedBytes) {
      queueMicrotask(() => this.#failQueue());
    }
  }

  /** Heads are not flow-controlled: a peer that asks and never reads has to be stopped here. */
  #failQueue(): void {
    try {
      this.#checkQueue();
    } catch (error) {
      this.fail(asHttp2Error(error));
    }
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
    if (stream.state === 'closed') this.#forget(stream, false);
  }

  sendReset(stream: Http2Stream, code: number): void {
    if (stream.state === 'closed') return;
    if (stream.state !== 'idle') this.writer.resetStream(stream.id, code);
    this.#drop(stream, true);
  }

  openWindow(stream: Http2Stream): void {
    if (stream.receivePaused || stream.unreturned * 2 < this.options.streamWindow) return;
    this.writer.windowUpdate(stream.id, stream.unreturned);
    stream.receiveWindow += stream.unreturned;
    stream.unreturned = 0;
  }

  /** Answers frames for a stream that is over. `what` names the frame. */
  protected refuseClosed(streamId: number, what: string): void {
    if (!this.closedStreams.wasEnded(streamId)) return;
    throw new Http2Error(ErrorCode.StreamClosed, 'protocol', `${what} on a closed stream`);
  }
}

const statusTexts: string[] = [];
for (let status = 0; status < 1000; status++) statusTexts.push(String(status));

function statusText(status: number): string {
  return statusTexts[status] ?? String(status);
}

function asHttp2Error(error: unknown): Http2Error {
  if (error instanceof Http2Error) return error;
  const internal = new Http2Error(ErrorCode.InternalError, 'protocol', 'internal failure');
  internal.cause = error;
  return internal;
}
