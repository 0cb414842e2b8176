/** One DER value inside a larger buffer. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

/** The bytes are not DER, or not of the shape that was expected. */
export class DerError extends Error {
  readonly code = 'der-invalid';

  constructor(reason: string) {
    super(`invalid DER: ${reason}`);
    this.name = 'DerError';
  }
}

/** The values that follow each other in `bytes`. Throws `DerError` unless they fill it exactly. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of more than one byte');
    const { start, end } = contentBounds(bytes, at + 1);
    values.push({ tag, content: bytes.subarray(start, end) });
    at = end;
  }
  return values;
}

/** The same values, each with its tag and length: certificates that were written one after the other. */
export function derDocuments(bytes: Buffer): Buffer[] {
  let at = 0;
  return derValues(bytes).map(({ content }) => {
    const end = content.byteOffset - bytes.byteOffset + content.length;
    const document = bytes.subarray(at, end);
    at = end;
    return document;
  });
}

function contentBounds(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at];
  if (first === undefined) throw new DerError('a value without a length');
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || octets > 4 || at + 1 + octets > bytes.length) throw new DerError('a bad length');
  const length = octets === 0 ? first : bytes.readUIntBE(at + 1, octets);
  const start = at + 1 + octets;
  if (start + length > bytes.length) throw new DerError('a value longer than its surroundings');
  return { start, end: start + length };
}
