/** Just enough of DER (X.690) to write certificate requests and, in tests, certificates. */

/** One value: its tag, its length in the shortest form, its contents. */
export function derValue(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export const derSequence = (...items: Buffer[]) => derValue(0x30, ...items);
export const derSet = (...items: Buffer[]) => derValue(0x31, ...items);
export const derOctetString = (content: Buffer) => derValue(0x04, content);
export const derBoolean = (value: boolean) => derValue(0x01, Buffer.from([value ? 0xff : 0]));
export const derUtf8String = (text: string) => derValue(0x0c, Buffer.from(text, 'utf8'));
/** A context-specific tag: `[n]` with other values inside. */
export const derConstructed = (n: number, ...items: Buffer[]) => derValue(0xa0 | n, ...items);
/** A context-specific tag: `[n]` in place of a simple type's own tag. */
export const derImplicit = (n: number, content: Buffer) => derValue(0x80 | n, content);
/** `unusedBits`: how many low bits of the last byte do not count. */
export const derBitString = (content: Buffer, unusedBits = 0) =>
  derValue(0x03, Buffer.from([unusedBits]), content);

/** A number that is not negative, big endian. */
export function derInteger(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.length === 0 ? Buffer.from([0]) : bytes.subarray(start);
  return digits[0]! >= 0x80 ? derValue(0x02, Buffer.from([0]), digits) : derValue(0x02, digits);
}

/** An object identifier from its dotted form. */
export function derObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left % 128) | 0x80);
    }
    return groups;
  });
  return derValue(0x06, Buffer.from(octets));
}
