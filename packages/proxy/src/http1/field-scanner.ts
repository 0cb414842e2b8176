import type { HeaderList } from '../http/message.ts';
import { COLON, CR, fieldByte, HTAB, LF, SP, tokenLower } from './bytes.ts';
import { findKnownName, knownNames } from './known-names.ts';
import type { Offence } from './offence.ts';

/** Returned in place of an offset: the section has not arrived whole. */
export const INCOMPLETE = -1;
/** Returned in place of an offset: `offence` says why. */
export const MALFORMED = -2;

/** Numbers kept of each field: name start and end, value start and end, index among the known names. */
const WIDTH = 5;

/**
 * Finds the field lines of a head or trailer section where they lie (RFC 9112 section 5). Lines end in CRLF
 * and nothing else; folded lines, blanks before the colon and control bytes are refused.
 *
 * What a scan finds holds until the next scan: the arrays are reused.
 */
export class FieldScanner {
  count = 0;
  offence: Offence = 'field-name';
  #spans = new Int32Array(WIDTH * 128);

  /** The offset behind the section's empty line, INCOMPLETE or MALFORMED. */
  scan(bytes: Buffer, from: number, end: number, maxFields: number): number {
    let spans = this.#spans;
    let count = 0;
    let i = from;
    for (;;) {
      if (i >= end) return INCOMPLETE;
      if (bytes[i] === CR) {
        if (i + 1 >= end) return INCOMPLETE;
        if (bytes[i + 1] !== LF) return this.#refuse('bare-cr');
        this.count = count;
        return i + 2;
      }
      const nameStart = i;
      while (i < end && tokenLower[bytes[i]] !== 0) i++;
      if (i >= end) return INCOMPLETE;
      if (bytes[i] !== COLON || i === nameStart) return this.#refuse(nameOffence(bytes[i], i === nameStart));
      if (count === maxFields) return this.#refuse('too-many-fields');
      const nameEnd = i++;

      while (i < end && (bytes[i] === SP || bytes[i] === HTAB)) i++;
      const valueStart = i;
      while (i < end && fieldByte[bytes[i]] !== 0) i++;
      if (i >= end) return INCOMPLETE;
      if (bytes[i] !== CR) return this.#refuse(bytes[i] === LF ? 'bare-lf' : 'field-value');
      if (i + 1 >= end) return INCOMPLETE;
      if (bytes[i + 1] !== LF) return this.#refuse('bare-cr');
      let valueEnd = i;
      while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB))
        valueEnd--;
      i += 2;

      let at = count * WIDTH;
      if (at === spans.length) spans = this.#grow();
      spans[at++] = nameStart;
      spans[at++] = nameEnd;
      spans[at++] = valueStart;
      spans[at++] = valueEnd;
      spans[at] = findKnownName(bytes, nameStart, nameEnd);
      count++;
    }
  }

  /** The index of a field's name among the known names, or -1. */
  known(field: number): number {
    return this.#spans[field * WIDTH + 4];
  }

  /** `text` is the scanned bytes from `base` on, as latin1. */
  name(field: number, text: string, base: number): string {
    const at = field * WIDTH;
    const known = this.#spans[at + 4];
    if (known >= 0) return knownNames[known];
    return text.substring(this.#spans[at] - base, this.#spans[at + 1] - base).toLowerCase();
  }

  value(field: number, text: string, base: number): string {
    const at = field * WIDTH;
    return text.substring(this.#spans[at + 2] - base, this.#spans[at + 3] - base);
  }

  /** All fields, as a list of its own. */
  list(text: string, base: number): HeaderList {
    const headers: HeaderList = [];
    for (let field = 0; field < this.count; field++) {
      headers.push(this.name(field, text, base), this.value(field, text, base));
    }
    return headers;
  }

  #grow(): Int32Array<ArrayBuffer> {
    const spans = new Int32Array(this.#spans.length * 2);
    spans.set(this.#spans);
    this.#spans = spans;
    return spans;
  }

  #refuse(offence: Offence): typeof MALFORMED {
    this.offence = offence;
    return MALFORMED;
  }
}

function nameOffence(byte: number, first: boolean): Offence {
  if (byte === LF) return 'bare-lf';
  if (byte === CR) return 'bare-cr';
  if (byte !== SP && byte !== HTAB) return 'field-name';
  return first ? 'obs-fold' : 'space-before-colon';
}
