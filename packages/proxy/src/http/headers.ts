import type { HeaderList } from './message.ts';

/** The value of the first field of that (lower-case) name. */
export function getHeader(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1];
  return undefined;
}

export function hasHeader(headers: HeaderList, name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return true;
  return false;
}

/** Removes every field of that name, in place. */
export function removeHeader(headers: HeaderList, name: string): void {
  let kept = 0;
  while (kept < headers.length && headers[kept] !== name) kept += 2;
  if (kept === headers.length) return;
  for (let i = kept + 2; i < headers.length; i += 2) {
    if (headers[i] === name) continue;
    headers[kept] = headers[i];
    headers[kept + 1] = headers[i + 1];
    kept += 2;
  }
  shorten(headers, kept);
}

/** Leaves the first `length` entries. Assigning to `length` is a call into V8's runtime, which costs more than the rest. */
export function shorten(headers: HeaderList, length: number): void {
  while (headers.length > length) headers.pop();
}

/** Leaves exactly one field of that name, last in the list. */
export function setHeader(headers: HeaderList, name: string, value: string): void {
  removeHeader(headers, name);
  headers.push(name, value);
}
