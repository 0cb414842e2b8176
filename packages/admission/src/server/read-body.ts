import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly type: 'read'; readonly bytes: Buffer }
  | { readonly type: 'too_large' }
  /** The client went away. */
  | { readonly type: 'broken' };

/** Reads a body of at most `limit` bytes; of a longer one nothing is kept. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) return { type: 'too_large' };
      chunks.push(chunk);
    }
  } catch {
    return { type: 'broken' };
  }
  return { type: 'read', bytes: Buffer.concat(chunks) };
}

/** What the request says about its body's length, or `limit` where it does not say. */
export function announcedLength(request: IncomingMessage, limit: number): number {
  const length = Number(request.headers['content-length']);
  return Number.isSafeInteger(length) && length >= 0 ? length : limit;
}
