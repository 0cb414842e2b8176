import { parseDuration } from '../config/values/duration.ts';
import { getHeader, removeHeader } from '../http/headers.ts';
import type { HeaderList } from '../http/message.ts';

/** Takes a field that is for this proxy off a request. */
export function takeHeader(headers: HeaderList, name: string): string | undefined {
  const text = getHeader(headers, name);
  if (text !== undefined) removeHeader(headers, name);
  return text;
}

/** Milliseconds. What cannot be read, and 0, is as good as not there. */
export function takeDuration(headers: HeaderList, name: string): number | null {
  const text = takeHeader(headers, name);
  if (text === undefined) return null;
  try {
    return parseDuration(text) || null;
  } catch {
    return null;
  }
}
