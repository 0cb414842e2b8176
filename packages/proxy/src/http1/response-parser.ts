import type { ResponseHead } from '../http/message.ts';
import { CR, fieldByte, LF, SP } from './bytes.ts';
import { FieldScanner, INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { MessageFields } from './message-fields.ts';
import type { Offence } from './offence.ts';
import type { HeadLimits } from './request-parser.ts';
import { scanVersion, versionDigit } from './version.ts';

const scanner = new FieldScanner();
const fields = new MessageFields();

/** Reads response heads where they lie (RFC 9112 sections 2 and 4); used like `RequestParser`. */
export class ResponseParser {
  readonly #limits: HeadLimits;

  head: ResponseHead | null = null;
  offence: Offence = 'status-line';
  chunked = false;
  /** The announced length, or -1. */
  contentLength = -1;
  /** Whether the endpoint keeps the connection, provided that the body does not end with it. */
  persistent = false;

  #status = 0;
  #toConnect = false;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /**
   * The offset behind the head, INCOMPLETE, or MALFORMED with `offence` set. `toConnect`: the request was a
   * CONNECT.
   */
  parse(bytes: Buffer, from: number, end: number, toConnect = false): number {
    this.#toConnect = toConnect;
    const fieldsStart = this.#scanStatusLine(bytes, from, end);
    if (fieldsStart === INCOMPLETE) return this.#tooLarge(from, end) ?? INCOMPLETE;
    if (fieldsStart === MALFORMED) return MALFORMED;
    const after = scanner.scan(bytes, fieldsStart, end, this.#limits.maxFields);
    if (after === INCOMPLETE) return this.#tooLarge(from, end) ?? INCOMPLETE;
    if (after === MALFORMED) return this.#refuse(scanner.offence);
    return this.#tooLarge(from, after) ?? this.#build(bytes, from, fieldsStart, after);
  }

  #scanStatusLine(bytes: Buffer, from: number, end: number): number {
    let i = scanVersion(bytes, from, end);
    if (i < 0) return i === INCOMPLETE ? INCOMPLETE : this.#refuse('status-line');
    if (i + 4 > end) return INCOMPLETE;
    if (bytes[i] !== SP) return this.#refuse('status-line');
    let status = 0;
    for (let digits = 0; digits < 3; digits++) {
      const digit = bytes[++i] - 0x30;
      if (digit < 0 || digit > 9) return this.#refuse('status-line');
      status = status * 10 + digit;
    }
    if (status < 100) return this.#refuse('status-line');
    this.#status = status;
    i++;
    // The reason phrase is not kept; even its blank may be missing.
    if (i < end && bytes[i] !== SP && bytes[i] !== CR && bytes[i] !== LF) return this.#refuse('status-line');
    while (i < end && fieldByte[bytes[i]] !== 0) i++;
    if (i >= end) return INCOMPLETE;
    if (bytes[i] !== CR) return this.#refuse(bytes[i] === LF ? 'bare-lf' : 'status-line');
    if (i + 1 >= end) return INCOMPLETE;
    if (bytes[i + 1] !== LF) return this.#refuse('bare-cr');
    return i + 2;
  }

  #build(bytes: Buffer, from: number, fieldsStart: number, after: number): number {
    const minor = versionDigit(bytes, from + 8);
    if (minor < 0) return this.#refuse('version');
    const text = bytes.toString('latin1', fieldsStart, after);
    // These have no body, whatever they say (RFC 9112 section 6.3).
    const bodiless = this.#status < 200 || (this.#toConnect && this.#status < 300);
    const headers = fields.read(scanner, text, fieldsStart, bodiless);
    if (headers === null) return this.#refuse(fields.offence ?? 'field-value');
    if (fields.chunked && minor === 0) return this.#refuse('transfer-encoding');

    this.chunked = fields.chunked;
    this.contentLength = fields.contentLength;
    this.persistent = minor === 1 ? !fields.close : fields.keepAlive && !fields.close;
    this.head = {
      status: this.#status,
      version: minor === 1 ? '1.1' : '1.0',
      headers,
      contentLength: fields.contentLength,
    };
    return after;
  }

  #tooLarge(from: number, end: number): typeof MALFORMED | null {
    return end - from > this.#limits.maxHeadBytes ? this.#refuse('head-too-large') : null;
  }

  #refuse(offence: Offence): typeof MALFORMED {
    this.offence = offence;
    return MALFORMED;
  }
}
