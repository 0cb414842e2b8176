import { invalid, quote } from '../invalid-policy.ts';

/** In lower case. */
export function decodeHeaderName(name: string, field: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) invalid(field, `is not a header name: ${quote(name)}`);
  return name.toLowerCase();
}

/** As latin1, like the values in a header list. */
export function decodeHeaderValue(bytes: Uint8Array, field: string): string {
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) invalid(field, `is not a header value: ${quote(value)}`);
  return value;
}
