import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect } from '@jest/globals';

/**
 * Assembles protobuf's wire format by hand, from field numbers and wire types alone: nothing here knows the
 * generated code, so a wrong number in a `.proto` cannot hide behind an encoder that shares it.
 */
type Part = Uint8Array | string;

const wireType = { varint: 0, i64: 1, len: 2, i32: 5 } as const;

/** Bytes written as hexadecimal digits, spaces between them as one likes. */
export function hex(digits: string): Uint8Array {
  return Buffer.from(digits.replace(/\s/g, ''), 'hex');
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function tag(field: number, type: number): number[] {
  return varintBytes(field * 8 + type);
}

/** A number, boolean or enum value. */
export function varint(field: number, value: number): Uint8Array {
  return Uint8Array.from([...tag(field, wireType.varint), ...varintBytes(value)]);
}

/** A string, bytes, or a message made of fields. */
export function len(field: number, ...parts: Part[]): Uint8Array {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([
    Uint8Array.from([...tag(field, wireType.len), ...varintBytes(content.length)]),
    content,
  ]);
}

/** Four or eight bytes, given in the order they have on the wire. */
export function fixed(field: number, digits: string): Uint8Array {
  const bytes = hex(digits);
  return Buffer.concat([
    Uint8Array.from(tag(field, bytes.length === 4 ? wireType.i32 : wireType.i64)),
    bytes,
  ]);
}

/** A google.protobuf.Duration: 1 seconds, 2 nanos. */
export function duration(field: number, seconds: number, nanos = 0): Uint8Array {
  return len(
    field,
    ...(seconds === 0 ? [] : [varint(1, seconds)]),
    ...(nanos === 0 ? [] : [varint(2, nanos)]),
  );
}

export function bytes(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Expects that the bytes decode to the message and that the message encodes to the bytes. */
export function expectWire<D extends DescMessage>(
  schema: D,
  wire: Uint8Array,
  message: MessageInitShape<D>,
): void {
  const wanted = create(schema, message);
  expect(fromBinary(schema, wire)).toEqual(wanted);
  expect(Buffer.from(toBinary(schema, wanted)).toString('hex')).toBe(Buffer.from(wire).toString('hex'));
}
