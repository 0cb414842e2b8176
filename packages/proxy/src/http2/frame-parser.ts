import { Flag, FrameType, maxStreamId } from './frame.ts';
import type { FrameSink } from './frame-reader.ts';
import { HeaderAssembly } from './header-assembly.ts';
import type { HpackDecoder } from './hpack/decoder.ts';
import { frameSizeError, protocolError } from './http2-error.ts';
import type { Http2Options } from './options.ts';

/** What frames mean, once their form has been checked. Every method may throw Http2Error. */
export interface FrameEvents {
  readonly closed: boolean;
  /** A header block is complete and decoded: the decoder holds its fields. */
  onHeaders(streamId: number, endStream: boolean, dependsOnItself: boolean): void;
  onDataStart(streamId: number, size: number): void;
  onDataChunk(buffer: Buffer, start: number, end: number): void;
  onDataEnd(endStream: boolean, content: number): void;
  onReset(streamId: number, code: number): void;
  /** The payload is `buffer[start, end)`. */
  onSettings(buffer: Buffer, start: number, end: number): void;
  onSettingsAck(): void;
  /** The opaque data is `buffer[at, at + 8)`. */
  onPing(buffer: Buffer, at: number, ack: boolean): void;
  onGoaway(lastStreamId: number, code: number): void;
  onWindowUpdate(streamId: number, increment: number): void;
  /** A PRIORITY frame that the RFC calls an error of its stream. */
  onBadPriority(streamId: number, frameSizeWrong: boolean): void;
  /** Any frame but HEADERS, CONTINUATION and DATA has been dealt with. */
  onControlFrame(): void;
}

/** Checks the form and the order of frames (RFC 9113 section 6) and says what they mean. */
export class FrameParser implements FrameSink {
  readonly #events: FrameEvents;
  readonly #decoder: HpackDecoder;
  readonly #assembly: HeaderAssembly;
  #settingsSeen = false;
  /** Header blocks that have come whole. */
  blocks = 0;

  constructor(events: FrameEvents, decoder: HpackDecoder, options: Http2Options) {
    this.#events = events;
    this.#decoder = decoder;
    // Integers and names in full make a block longer than its list counts, but not twice as long.
    const maxBlockSize = Math.max(options.maxHeaderListSize * 2, options.maxFrameSize);
    this.#assembly = new HeaderAssembly(maxBlockSize, options.maxContinuations);
  }

  get closed(): boolean {
    return this.#events.closed;
  }

  /** A header block goes on in frames that have not come. */
  get blockOpen(): boolean {
    return this.#assembly.streamId !== 0;
  }

  dataStarted(streamId: number, size: number): void {
    this.#checkOrder(FrameType.Data, 0);
    if (streamId === 0) throw protocolError('DATA on stream 0');
    this.#events.onDataStart(streamId, size);
  }

  dataReceived(buffer: Buffer, start: number, end: number): void {
    this.#events.onDataChunk(buffer, start, end);
  }

  dataFinished(endStream: boolean, content: number): void {
    this.#events.onDataEnd(endStream, content);
  }

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
        expectSize('WINDOW_UPDATE', end - start, 4);
        this.#events.onWindowUpdate(streamId, buffer.readUInt32BE(start) & maxStreamId);
        break;
      case FrameType.RstStream:
        expectSize('RST_STREAM', end - start, 4);
        if (streamId === 0) throw protocolError('RST_STREAM on stream 0');
        this.#events.onReset(streamId, buffer.readUInt32BE(start));
        break;
      case FrameType.Settings:
        this.#settings(flags, streamId, buffer, start, end);
        break;
      case FrameType.Ping:
        expectSize('PING', end - start, 8);
        if (streamId !== 0) throw protocolError('PING on a stream');
        this.#events.onPing(buffer, start, (flags & Flag.Ack) !== 0);
        break;
      case FrameType.Goaway:
        if (end - start < 8) throw frameSizeError(`GOAWAY of ${end - start} bytes`);
        if (streamId !== 0) throw protocolError('GOAWAY on a stream');
        this.#events.onGoaway(buffer.readUInt32BE(start) & maxStreamId, buffer.readUInt32BE(start + 4));
        break;
      case FrameType.Priority:
        this.#priority(streamId, buffer, start, end);
        break;
      case FrameType.PushPromise:
        throw protocolError('PUSH_PROMISE although push is off');
      default:
        break;
    }
    this.#events.onControlFrame();
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

  #headers(flags: number, streamId: number, buffer: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('HEADERS on stream 0');
    let from = start;
    let to = end;
    if ((flags & Flag.Padded) !== 0) {
      if (from >= to) throw frameSizeError('padded HEADERS without pad length');
      to -= buffer[from++]!;
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
    this.blocks++;
    this.#decoder.decode(buffer, from, to);
    this.#events.onHeaders(streamId, (flags & Flag.EndStream) !== 0, dependsOnItself);
  }

  #continuation(flags: number, streamId: number, fragment: Buffer): void {
    const assembly = this.#assembly;
    assembly.continue(streamId, fragment);
    if ((flags & Flag.EndHeaders) === 0) return;
    const block = assembly.finish();
    this.blocks++;
    this.#decoder.decode(block, 0, block.length);
    this.#events.onHeaders(streamId, (assembly.flags & Flag.EndStream) !== 0, assembly.dependsOnItself);
  }

  #settings(flags: number, streamId: number, buffer: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw protocolError('SETTINGS on a stream');
    if ((flags & Flag.Ack) === 0) {
      this.#events.onSettings(buffer, start, end);
      return;
    }
    if (start !== end) throw frameSizeError('SETTINGS acknowledgement with a payload');
    this.#events.onSettingsAck();
  }

  #priority(streamId: number, buffer: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('PRIORITY on stream 0');
    if (end - start !== 5) this.#events.onBadPriority(streamId, true);
    else if ((buffer.readUInt32BE(start) & maxStreamId) === streamId) {
      this.#events.onBadPriority(streamId, false);
    }
  }
}

function expectSize(frame: string, size: number, expected: number): void {
  if (size !== expected) throw frameSizeError(`${frame} of ${size} bytes`);
}
