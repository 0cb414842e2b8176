import type { HeaderList } from '../http/message.ts';
import { ReadMemory } from '../transport/read-memory.ts';
import { encodeHead } from './encode-head.ts';
import { takeBytes } from './slab.ts';

/** Where encoded bytes go: a connection, or a queue until there is one. */
export interface ByteSink {
  /** As `Connection.write`. */
  write(chunk: Buffer, spent?: boolean): boolean;
}

/** How the end of an outgoing body is told (RFC 9112 section 6). */
export const Framing = {
  /** No body. What is written is dropped: the answer to HEAD, for one. */
  none: 0,
  length: 1,
  chunked: 2,
  /** With the end of the connection. */
  close: 3,
} as const;
export type Framing = (typeof Framing)[keyof typeof Framing];

/** Pieces up to this size are copied between their chunk size and CRLF; larger ones pass by reference. */
const COPY_BYTES = 2048;

export const LAST_CHUNK = '0\r\n\r\n';
const lastChunk = Buffer.from(LAST_CHUNK, 'latin1');
const crlf = Buffer.from('\r\n', 'latin1');

/** Frames one outgoing body and holds it to the length that its head announced. */
export class BodyWriter {
  framing: Framing = Framing.none;
  /** Bytes still owed, for `length`. */
  remaining = 0;
  /** More was written than announced: the message is broken and its connection must go. */
  overrun = false;

  start(framing: Framing, length: number): void {
    this.framing = framing;
    this.remaining = length;
    this.overrun = false;
  }

  /** False when the sink asks to wait. After an overrun nothing is written. */
  write(sink: ByteSink, chunk: Buffer): boolean {
    const length = chunk.length;
    if (length === 0) return true;
    switch (this.framing) {
      case Framing.none:
        return true;
      case Framing.length:
        if (length > this.remaining) {
          this.overrun = true;
          return true;
        }
        this.remaining -= length;
        return sink.write(chunk, true);
      case Framing.chunked:
        return length <= COPY_BYTES ? writeCopied(sink, chunk) : writeReferenced(sink, chunk);
      case Framing.close:
        return sink.write(chunk, true);
    }
  }

  /** Ends the body; false when it is shorter than announced, or the trailers cannot be written. */
  end(sink: ByteSink, trailers: HeaderList | null): boolean {
    if (this.framing === Framing.length) return this.remaining === 0;
    if (this.framing !== Framing.chunked) return true;
    if (trailers === null || trailers.length === 0) {
      sink.write(lastChunk);
      return true;
    }
    let text = '0\r\n';
    for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
    const bytes = encodeHead(`${text}\r\n`, trailers.length / 2, 0);
    if (bytes === null) return false;
    sink.write(bytes);
    return true;
  }
}

function writeCopied(sink: ByteSink, chunk: Buffer): boolean {
  const size = chunk.length.toString(16);
  const start = size.length + 2;
  const bytes = takeBytes(start + chunk.length + 2);
  bytes.write(`${size}\r\n`, 'latin1');
  chunk.copy(bytes, start);
  ReadMemory.give(chunk);
  bytes[start + chunk.length] = 0x0d;
  bytes[start + chunk.length + 1] = 0x0a;
  return sink.write(bytes);
}

function writeReferenced(sink: ByteSink, chunk: Buffer): boolean {
  const text = `${chunk.length.toString(16)}\r\n`;
  const size = takeBytes(text.length);
  size.write(text, 'latin1');
  sink.write(size);
  sink.write(chunk, true);
  return sink.write(crlf);
}
