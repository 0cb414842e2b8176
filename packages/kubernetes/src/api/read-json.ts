import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';

/** Reads a whole body and parses it as JSON; text of another type is returned as it is. @throws ApiError */
export async function readJson(
  response: IncomingMessage,
  maxBytes: number,
  target: string,
): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes)
        throw new ApiError('malformed', `the answer has more than ${maxBytes} bytes`, { target });
      chunks.push(chunk as Buffer);
    }
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError('unreachable', 'the answer broke off', { target }, cause);
  }
  const text = Buffer.concat(chunks, bytes).toString('utf8');
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  if (!isJson && (response.statusCode ?? 0) >= 300) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('malformed', 'the answer is not JSON', { target }, cause);
  }
}
