import type { HeaderList } from '../http/message.ts';
import { Chunk, ChunkedDecoder } from './chunked-decoder.ts';
import type { Offence } from './offence.ts';
import type { HeadLimits } from './request-parser.ts';

/** Reads the bodies of one direction of a connection, one after the other, however they are framed. */
export class BodyReader {
  /** As in ChunkedDecoder. A body with a length has no event of its own for its end, see `last`. */
  event: (typeof Chunk)[keyof typeof Chunk] = Chunk.more;
  dataStart = 0;
  /** After `data`: the body ends with it. */
  last = false;

  readonly #limits: HeadLimits;
  #decoder: ChunkedDecoder | null = null;
  #chunked = false;
  #remaining = 0;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  get trailers(): HeaderList | null {
    return this.#decoder?.trailers ?? null;
  }

  get offence(): Offence {
    return this.#decoder?.offence ?? 'chunk';
  }

  /** `length` is above zero; infinite for a body that ends with its connection. */
  startLength(length: number): void {
    this.#chunked = false;
    this.#remaining = length;
  }

  startChunked(): void {
    this.#chunked = true;
    this.last = false;
    this.#decoder ??= new ChunkedDecoder(this.#limits);
    this.#decoder.reset();
  }

  /** Reads on from `offset` to the next event; returns where that ends. */
  next(bytes: Buffer, offset: number): number {
    const decoder = this.#decoder;
    if (this.#chunked && decoder !== null) {
      const after = decoder.next(bytes, offset);
      this.event = decoder.event;
      this.dataStart = decoder.dataStart;
      return after;
    }
    const taken = Math.min(this.#remaining, bytes.length - offset);
    this.#remaining -= taken;
    this.last = this.#remaining === 0;
    this.event = Chunk.data;
    this.dataStart = offset;
    return offset + taken;
  }
}
