/** The few DER encodings (X.690) a certificate request is made of. */

function encode(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

export function constructed(tag: number, ...parts: Uint8Array[]): Buffer {
  return encode(tag, Buffer.concat(parts));
}

export function sequence(...parts: Uint8Array[]): Buffer {
  return constructed(0x30, ...parts);
}

/** A number from 0 to 127. */
export function integer(value: number): Buffer {
  return encode(0x02, Uint8Array.of(value));
}

export function octetString(content: Uint8Array): Buffer {
  return encode(0x04, content);
}

export function bitString(content: Uint8Array): Buffer {
  return encode(0x03, Buffer.concat([Uint8Array.of(0), content]));
}

export function text(tag: number, value: string): Buffer {
  return encode(tag, Buffer.from(value, 'utf8'));
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift(0x80 | (left % 128));
    }
    bytes.push(...digits);
  }
  return encode(0x06, Uint8Array.from(bytes));
}
