import type { HeaderList } from '../http/message.ts';
import { CR, fieldByte, HTAB, hexValue, LF, SEMICOLON, SP } from './bytes.ts';
import { CarryBuffer } from './carry-buffer.ts';
import { FieldScanner, INCOMPLETE, MALFORMED } from './field-scanner.ts';
import type { Offence } from './offence.ts';
import type { HeadLimits } from './request-parser.ts';

/** Hexadecimal digits of a chunk size; thirteen still fit an exact number. */
const MAX_SIZE_DIGITS = 13;
/** Bytes of one chunk's extensions, which are read and dropped. */
const MAX_EXTENSION_BYTES = 4096;

const State = {
  size: 0,
  blank: 1,
  extension: 2,
  sizeLf: 3,
  data: 4,
  dataCr: 5,
  dataLf: 6,
  trailers: 7,
} as const;
type State = (typeof State)[keyof typeof State];

/** What `next` has come upon. */
export const Chunk = {
  /** All input is used up. */
  more: 0,
  /** A piece of the body: from `dataStart` to the returned offset. */
  data: 1,
  /** The message is over; `trailers` holds its trailer fields, if any. */
  end: 2,
  /** `offence` says why. */
  malformed: 3,
} as const;

/** A trailer that could change the meaning of a message already passed on is dropped (RFC 9110 section 6.5.1). */
const notTrailers = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const scanner = new FieldScanner();

/** Reads a body in chunked coding (RFC 9112 section 7.1), one event at a time. */
export class ChunkedDecoder {
  event: (typeof Chunk)[keyof typeof Chunk] = Chunk.more;
  dataStart = 0;
  trailers: HeaderList | null = null;
  offence: Offence = 'chunk';

  readonly #limits: HeadLimits;
  #state: State = State.size;
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  readonly #carry = new CarryBuffer();

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Makes ready for the next message. */
  reset(): void {
    this.#startChunk();
    this.trailers = null;
    this.#carry.clear();
  }

  /** Reads on from `offset` to the next event; returns where that ends. */
  next(bytes: Buffer, offset: number): number {
    const end = bytes.length;
    let i = offset;
    while (i < end) {
      const byte = bytes[i];
      switch (this.#state) {
        case State.size: {
          const digit = hexValue[byte];
          if (digit !== 255) {
            if (++this.#digits > MAX_SIZE_DIGITS) return this.#refuse('chunk', i);
            this.#size = this.#size * 16 + digit;
          } else if (this.#digits === 0) return this.#refuse('chunk', i);
          else if (byte === CR) this.#state = State.sizeLf;
          else if (byte === SEMICOLON) this.#state = State.extension;
          else if (byte === SP || byte === HTAB) this.#state = State.blank;
          else return this.#refuse(byte === LF ? 'bare-lf' : 'chunk', i);
          i++;
          break;
        }
        case State.blank:
          if (byte === SEMICOLON) this.#state = State.extension;
          else if ((byte !== SP && byte !== HTAB) || ++this.#extensionBytes > MAX_EXTENSION_BYTES) {
            return this.#refuse('chunk', i);
          }
          i++;
          break;
        case State.extension:
          if (byte === CR) this.#state = State.sizeLf;
          else if (fieldByte[byte] === 0) return this.#refuse(byte === LF ? 'bare-lf' : 'chunk', i);
          else if (++this.#extensionBytes > MAX_EXTENSION_BYTES) return this.#refuse('chunk', i);
          i++;
          break;
        case State.sizeLf:
          if (byte !== LF) return this.#refuse('bare-cr', i);
          this.#state = this.#size === 0 ? State.trailers : State.data;
          i++;
          break;
        case State.data: {
          const taken = Math.min(this.#size, end - i);
          this.#size -= taken;
          if (this.#size === 0) this.#state = State.dataCr;
          this.dataStart = i;
          this.event = Chunk.data;
          return i + taken;
        }
        case State.dataCr:
          if (byte !== CR) return this.#refuse('chunk', i);
          this.#state = State.dataLf;
          i++;
          break;
        case State.dataLf:
          if (byte !== LF) return this.#refuse('bare-cr', i);
          this.#startChunk();
          i++;
          break;
        case State.trailers:
          return this.#readTrailers(bytes, i);
      }
    }
    this.event = Chunk.more;
    return i;
  }

  #readTrailers(bytes: Buffer, offset: number): number {
    const { maxHeadBytes, maxFields } = this.#limits;
    const start = this.#carry.empty ? offset : 0;
    const section = this.#carry.join(bytes, maxHeadBytes);
    this.event = Chunk.more;
    if (section === null) return bytes.length;
    const after = scanner.scan(section, start, section.length, maxFields);
    if (after === MALFORMED) return this.#refuse(scanner.offence, offset);
    const end = after === INCOMPLETE ? section.length : after;
    if (end - start > maxHeadBytes) return this.#refuse('trailers-too-large', offset);
    if (after === INCOMPLETE) {
      this.#carry.keep(section, start);
      return bytes.length;
    }
    if (scanner.count > 0) this.#keepTrailers(scanner.list(section.toString('latin1', start, after), start));
    this.#carry.clear();
    this.event = Chunk.end;
    return bytes.length - (section.length - after);
  }

  #keepTrailers(list: HeaderList): void {
    const trailers: HeaderList = [];
    for (let i = 0; i < list.length; i += 2) {
      if (!notTrailers.has(list[i])) trailers.push(list[i], list[i + 1]);
    }
    if (trailers.length > 0) this.trailers = trailers;
  }

  #startChunk(): void {
    this.#state = State.size;
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
  }

  #refuse(offence: Offence, offset: number): number {
    this.offence = offence;
    this.event = Chunk.malformed;
    return offset;
  }
}
