import type { ResponseHead } from '../http/message.ts';
import { type BodyWriter, Framing, LAST_CHUNK } from './body-writer.ts';
import { encodeHead } from './encode-head.ts';
import { httpDate } from './http-date.ts';
import { OutgoingFields } from './outgoing-fields.ts';
import { statusLine } from './status-line.ts';

/** What of the request decides how its answer is written. */
export interface ResponseContext {
  readonly http10: boolean;
  readonly isHead: boolean;
  readonly isConnect: boolean;
  /** The client means to keep the connection, and so far nothing speaks against it. */
  persistent: boolean;
}

const fields = new OutgoingFields();

/**
 * The head of a final answer. Decides its framing, which `body` takes on, and whether the connection stays
 * (`context.persistent`). `ended`: no body follows. Null when the head cannot be written.
 */
export function encodeResponseHead(
  head: ResponseHead,
  ended: boolean,
  context: ResponseContext,
  body: BodyWriter,
  now: number,
): Buffer | null {
  const { status } = head;
  const { http10 } = context;
  if (status < 200 || status > 999 || (context.isConnect && status < 300)) return null;
  fields.read(head.headers, true);
  if (fields.contradictory) return null;
  if (fields.close) context.persistent = false;

  let lines = '';
  let count = fields.count;
  let tail = '';
  let length = fields.contentLength;
  let chunked = fields.chunked;
  let framing: Framing = Framing.none;
  if (context.isHead || status === 204 || status === 304) {
    // These describe a body that is not sent; 204 does not even have one (RFC 9110 section 8.6).
    if (status === 204) length = -1;
    if (!context.isHead || http10) chunked = false;
  } else if (ended) {
    if (length > 0) return null;
    if (chunked && !http10) tail = LAST_CHUNK;
    else {
      chunked = false;
      length = 0;
    }
  } else if (length >= 0) {
    framing = Framing.length;
  } else if (http10) {
    chunked = false;
    framing = Framing.close;
    context.persistent = false;
  } else {
    chunked = true;
    framing = Framing.chunked;
  }

  if (length >= 0) {
    lines += `content-length: ${length}\r\n`;
    count++;
  } else if (chunked) {
    lines += 'transfer-encoding: chunked\r\n';
    count++;
  }
  if (context.persistent === http10) {
    lines += http10 ? 'connection: keep-alive\r\n' : 'connection: close\r\n';
    count++;
  }
  if (!fields.hasDate) {
    lines += `date: ${httpDate(now)}\r\n`;
    count++;
  }
  body.start(framing, length);
  return encodeHead(`${statusLine(http10, status)}${fields.lines}${lines}\r\n${tail}`, count, tail.length);
}

/** A 1xx head, or the 101 or 2xx with which the connection leaves HTTP: neither has any framing. */
export function encodeBareHead(head: ResponseHead): Buffer | null {
  fields.read(head.headers, false);
  return encodeHead(`${statusLine(false, head.status)}${fields.lines}\r\n`, fields.count, 0);
}
