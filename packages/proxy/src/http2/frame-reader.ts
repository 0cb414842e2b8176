import { Flag, FrameType, frameHeaderSize } from './frame.ts';
import { frameSizeError, protocolError } from './http2-error.ts';

/** What a frame reader reports. Every method may throw Http2Error, or close the sink. */
export interface FrameSink {
  /** No further frame is wanted. */
  readonly closed: boolean;
  /** A whole frame other than DATA; its payload is `buffer[start, end)`. */
  frameReceived(
    type: number,
    flags: number,
    streamId: number,
    buffer: Buffer,
    start: number,
    end: number,
  ): void;
  /** The header of a DATA frame; `size` counts its padding too, as flow control does. */
  dataStarted(streamId: number, size: number): void;
  /** A part of the content of the DATA frame, as it arrived. */
  dataReceived(buffer: Buffer, start: number, end: number): void;
  /** The DATA frame is complete. `content` is how many bytes it held besides padding. */
  dataFinished(endStream: boolean, content: number): void;
}

const noFrame = -1;

/**
 * Finds frames in the chunks of a connection. A frame that lies in one chunk is reported where it lies; the
 * content of DATA is passed on as it comes; other frames cut by the end of a chunk are put together in a
 * buffer of their size, so each byte is copied once at most.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameSize: number;
  /** A frame header cut by the end of a chunk. */
  #header: Buffer | null = null;
  #headerFill = 0;
  #type = noFrame;
  #flags = 0;
  #streamId = 0;
  #length = 0;
  #partial: Buffer | null = null;
  #partialFill = 0;
  #padLengthPending = false;
  #contentLeft = 0;
  #paddingLeft = 0;
  #content = 0;

  /** @param maxFrameSize bytes of payload, the SETTINGS_MAX_FRAME_SIZE told to the peer */
  constructor(sink: FrameSink, maxFrameSize: number) {
    this.#sink = sink;
    this.#maxFrameSize = maxFrameSize;
  }

  /** Whether HEADERS or CONTINUATION have come in part. */
  get headersCut(): boolean {
    return this.#type === FrameType.Headers || this.#type === FrameType.Continuation;
  }

  /** Reads a chunk from `at` on. */
  read(chunk: Buffer, at: number): void {
    let position = at;
    const end = chunk.length;
    while (position < end && !this.#sink.closed) {
      if (this.#type === noFrame) position = this.#readHeader(chunk, position, end);
      else if (this.#type === FrameType.Data) position = this.#readData(chunk, position, end);
      else position = this.#readPayload(chunk, position, end);
    }
  }

  #readHeader(chunk: Buffer, position: number, end: number): number {
    if (this.#headerFill === 0 && end - position >= frameHeaderSize) {
      this.#parseHeader(chunk, position);
      return position + frameHeaderSize;
    }
    const taken = Math.min(frameHeaderSize - this.#headerFill, end - position);
    this.#header ??= Buffer.allocUnsafeSlow(frameHeaderSize);
    chunk.copy(this.#header, this.#headerFill, position, position + taken);
    this.#headerFill += taken;
    if (this.#headerFill === frameHeaderSize) {
      this.#headerFill = 0;
      this.#parseHeader(this.#header, 0);
    }
    return position + taken;
  }

  #parseHeader(buffer: Buffer, at: number): void {
    const length = (buffer[at] << 16) | (buffer[at + 1] << 8) | buffer[at + 2];
    const type = buffer[at + 3];
    const flags = buffer[at + 4];
    const streamId =
      ((buffer[at + 5] & 0x7f) << 24) | (buffer[at + 6] << 16) | (buffer[at + 7] << 8) | buffer[at + 8];
    if (length > this.#maxFrameSize) throw frameSizeError(`frame of ${length} bytes`);
    this.#flags = flags;
    this.#streamId = streamId;
    this.#length = length;
    if (type === FrameType.Data) {
      this.#startData();
    } else if (length === 0) {
      this.#sink.frameReceived(type, flags, streamId, buffer, 0, 0);
    } else {
      this.#type = type;
    }
  }

  #readPayload(chunk: Buffer, position: number, end: number): number {
    const length = this.#length;
    if (this.#partial === null) {
      if (end - position >= length) {
        const type = this.#type;
        this.#type = noFrame;
        this.#sink.frameReceived(type, this.#flags, this.#streamId, chunk, position, position + length);
        return position + length;
      }
      this.#partial = Buffer.allocUnsafeSlow(length);
      this.#partialFill = 0;
    }
    const partial = this.#partial;
    const taken = Math.min(length - this.#partialFill, end - position);
    chunk.copy(partial, this.#partialFill, position, position + taken);
    this.#partialFill += taken;
    if (this.#partialFill === length) {
      const type = this.#type;
      this.#type = noFrame;
      this.#partial = null;
      this.#sink.frameReceived(type, this.#flags, this.#streamId, partial, 0, length);
    }
    return position + taken;
  }

  #startData(): void {
    const padded = (this.#flags & Flag.Padded) !== 0;
    if (padded && this.#length === 0) throw frameSizeError('padded DATA without pad length');
    this.#type = FrameType.Data;
    this.#padLengthPending = padded;
    this.#contentLeft = padded ? 0 : this.#length;
    this.#paddingLeft = 0;
    this.#content = this.#contentLeft;
    this.#sink.dataStarted(this.#streamId, this.#length);
    if (this.#length === 0) this.#finishData();
  }

  #readData(chunk: Buffer, position: number, end: number): number {
    let at = position;
    if (this.#padLengthPending) {
      this.#padLengthPending = false;
      const padding = chunk[at++];
      if (padding >= this.#length) throw protocolError('DATA padding longer than its frame');
      this.#paddingLeft = padding;
      this.#contentLeft = this.#length - 1 - padding;
      this.#content = this.#contentLeft;
    }
    if (this.#contentLeft > 0 && at < end) {
      const taken = Math.min(this.#contentLeft, end - at);
      this.#contentLeft -= taken;
      this.#sink.dataReceived(chunk, at, at + taken);
      at += taken;
    }
    if (this.#contentLeft === 0 && this.#paddingLeft > 0 && at < end) {
      const taken = Math.min(this.#paddingLeft, end - at);
      this.#paddingLeft -= taken;
      at += taken;
    }
    if (this.#contentLeft === 0 && this.#paddingLeft === 0) this.#finishData();
    return at;
  }

  #finishData(): void {
    this.#type = noFrame;
    this.#sink.dataFinished((this.#flags & Flag.EndStream) !== 0, this.#content);
  }
}
