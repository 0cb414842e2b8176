import type { RequestHead, TargetForm } from '../http/message.ts';
import { CR, LF, SP, targetByte, tokenLower } from './bytes.ts';
import { FieldScanner, INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { MessageFields } from './message-fields.ts';
import type { Offence } from './offence.ts';
import { parseSpecialTarget } from './target.ts';
import { scanVersion, versionDigit } from './version.ts';

export interface HeadLimits {
  /** Bytes of request or status line and fields together. */
  readonly maxHeadBytes: number;
  readonly maxFields: number;
}

const methods = new Map(
  ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'].map((name) => [
    name,
    name,
  ]),
);

const scanner = new FieldScanner();
const fields = new MessageFields();

/**
 * Reads request heads where they lie in what was received (RFC 9112 sections 2 and 3). What `parse` leaves
 * in the other members holds until it is called again; one parser serves all connections.
 */
export class RequestParser {
  readonly #limits: HeadLimits;
  readonly #requireHost: boolean;

  head: RequestHead | null = null;
  offence: Offence = 'request-line';
  chunked = false;
  /** Whether the connection outlives this exchange as far as the client is concerned. */
  persistent = false;
  /** The client waits for a 100 before it sends the body. */
  expectsContinue = false;

  #methodEnd = 0;
  #targetStart = 0;
  #targetEnd = 0;

  /** `requireHost`: HTTP/1.1 requests without Host are refused (RFC 9112 section 3.2). */
  constructor(limits: HeadLimits, requireHost: boolean) {
    this.#limits = limits;
    this.#requireHost = requireHost;
  }

  /** The offset behind the head, INCOMPLETE, or MALFORMED with `offence` set. */
  parse(bytes: Buffer, from: number, end: number): number {
    let start = from;
    // Empty lines before a request are tolerated (RFC 9112 section 2.2).
    while (start < end && bytes[start] === CR) {
      if (start + 1 === end) return this.#tooLarge(from, end, 'head-too-large') ?? INCOMPLETE;
      if (bytes[start + 1] !== LF) return this.#refuse('bare-cr');
      start += 2;
    }
    const fieldsStart = this.#scanRequestLine(bytes, start, end);
    if (fieldsStart === INCOMPLETE) return this.#tooLarge(from, end, 'target-too-long') ?? INCOMPLETE;
    if (fieldsStart === MALFORMED) return MALFORMED;
    const after = scanner.scan(bytes, fieldsStart, end, this.#limits.maxFields);
    if (after === INCOMPLETE) return this.#tooLarge(from, end, 'head-too-large') ?? INCOMPLETE;
    if (after === MALFORMED) return this.#refuse(scanner.offence);
    return this.#tooLarge(from, after, 'head-too-large') ?? this.#build(bytes, start, fieldsStart, after);
  }

  #scanRequestLine(bytes: Buffer, start: number, end: number): number {
    let i = start;
    while (i < end && tokenLower[bytes[i]] !== 0) i++;
    if (i === end) return INCOMPLETE;
    if (bytes[i] !== SP || i === start) return this.#refuse(bytes[i] === LF ? 'bare-lf' : 'method');
    this.#methodEnd = i++;
    this.#targetStart = i;
    while (i < end && targetByte[bytes[i]] !== 0) i++;
    if (i === end) return INCOMPLETE;
    if (bytes[i] !== SP || i === this.#targetStart) return this.#refuse('target');
    this.#targetEnd = i++;
    const after = scanVersion(bytes, i, end);
    if (after < 0) return after === INCOMPLETE ? INCOMPLETE : this.#refuse('request-line');
    if (after === end) return INCOMPLETE;
    if (bytes[after] !== CR) return this.#refuse(bytes[after] === LF ? 'bare-lf' : 'request-line');
    if (after + 1 === end) return INCOMPLETE;
    if (bytes[after + 1] !== LF) return this.#refuse('bare-cr');
    if (versionDigit(bytes, after) < 0) return this.#refuse('version');
    return after + 2;
  }

  #build(bytes: Buffer, start: number, fieldsStart: number, after: number): number {
    const text = bytes.toString('latin1', start, after);
    const headers = fields.read(scanner, text, start);
    if (headers === null) return this.#refuse(fields.offence ?? 'field-value');

    const http11 = versionDigit(bytes, fieldsStart - 2) === 1;
    const token = text.substring(0, this.#methodEnd - start);
    const method = methods.get(token) ?? token;
    let path = text.substring(this.#targetStart - start, this.#targetEnd - start);
    let scheme = 'http';
    let authority: string | undefined;
    let form: TargetForm = 'origin';
    const isConnect = method === 'CONNECT';
    if (isConnect || path.charCodeAt(0) !== 0x2f) {
      const target = parseSpecialTarget(method, path);
      if (target === null || (isConnect && !http11)) return this.#refuse('target');
      ({ path, scheme, authority, form } = target);
    }

    if (fields.hosts > 1) return this.#refuse('host-repeated');
    if (http11 && fields.hosts === 0 && this.#requireHost) return this.#refuse('host-missing');
    // HTTP/1.0 knows no codings: whoever reads such a message may frame it otherwise (RFC 9112 section 6.1).
    if (fields.chunked && !http11) return this.#refuse('transfer-encoding');
    if (isConnect && (fields.chunked || fields.contentLength > 0)) return this.#refuse('body-forbidden');

    this.chunked = fields.chunked;
    this.persistent = http11 ? !fields.close : fields.keepAlive && !fields.close;
    this.expectsContinue = fields.expectsContinue && http11;
    this.head = {
      method,
      path,
      scheme,
      authority,
      version: http11 ? '1.1' : '1.0',
      form,
      headers,
      contentLength: fields.chunked ? -1 : Math.max(fields.contentLength, 0),
      wantsUpgrade: isConnect || (http11 && fields.upgrade !== '' && fields.upgrade.toLowerCase() !== 'h2c'),
    };
    return after;
  }

  #tooLarge(from: number, end: number, offence: Offence): typeof MALFORMED | null {
    return end - from > this.#limits.maxHeadBytes ? this.#refuse(offence) : null;
  }

  #refuse(offence: Offence): typeof MALFORMED {
    this.offence = offence;
    return MALFORMED;
  }
}
