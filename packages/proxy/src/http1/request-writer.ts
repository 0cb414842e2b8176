import type { RequestHead } from '../http/message.ts';
import { type BodyWriter, Framing, LAST_CHUNK } from './body-writer.ts';
import { targetByte, tokenLower } from './bytes.ts';
import { encodeHead } from './encode-head.ts';
import { OutgoingFields } from './outgoing-fields.ts';

const fields = new OutgoingFields();

/**
 * The head of a request, whose framing `body` takes on. `ended`: no body follows. Null when it cannot be
 * written: bytes that HTTP/1 has no place for, or a length nobody can tell.
 */
export function encodeRequestHead(head: RequestHead, ended: boolean, body: BodyWriter): Buffer | null {
  const target = targetOf(head);
  if (!isMade(head.method, tokenLower) || !isMade(target, targetByte)) return null;
  fields.read(head.headers, false);
  if (fields.contradictory) return null;

  const http10 = head.version === '1.0';
  let lines = '';
  let count = fields.count;
  let tail = '';
  let framing: Framing = Framing.none;
  if (fields.contentLength >= 0) {
    if (ended && fields.contentLength > 0) return null;
    lines = `content-length: ${fields.contentLength}\r\n`;
    count++;
    framing = Framing.length;
  } else if (fields.chunked || !ended) {
    // Without a length an HTTP/1.0 request cannot have a body.
    if (http10) return null;
    lines = 'transfer-encoding: chunked\r\n';
    count++;
    framing = Framing.chunked;
    if (ended) tail = LAST_CHUNK;
  }
  body.start(framing, fields.contentLength);
  const start = `${head.method} ${target} HTTP/1.${http10 ? 0 : 1}\r\n`;
  return encodeHead(`${start}${fields.lines}${lines}\r\n${tail}`, count, tail.length);
}

function targetOf(head: RequestHead): string {
  switch (head.form) {
    case 'absolute':
      return `${head.scheme}://${head.authority ?? ''}${head.path}`;
    case 'authority':
      return head.authority ?? '';
    default:
      return head.path;
  }
}

/** Whether a text is not empty and of such bytes only. */
function isMade(text: string, table: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || table[code] === 0) return false;
  }
  return text !== '';
}
