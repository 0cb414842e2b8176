import { BinaryReader } from '@bufbuild/protobuf/wire';

/** A span as a collector receives it. Attributes as text. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Record<string, string>;
}

export interface ReceivedExport {
  readonly resource: Record<string, string>;
  readonly scopes: readonly string[];
  readonly spans: readonly ReceivedSpan[];
}

/** Every field of a message, by its number; messages and strings as bytes. */
function fields(bytes: Uint8Array): Map<number, (Uint8Array | bigint | number)[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, (Uint8Array | bigint | number)[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const value =
      type === 2
        ? reader.bytes()
        : type === 1
          ? reader.fixed64()
          : type === 5
            ? reader.fixed32()
            : reader.uint64();
    found.set(number, [...(found.get(number) ?? []), value as Uint8Array | bigint | number]);
  }
  return found;
}

const each = (message: ReturnType<typeof fields>, number: number): Uint8Array[] =>
  (message.get(number) ?? []) as Uint8Array[];
const text = (message: ReturnType<typeof fields>, number: number): string =>
  Buffer.concat(each(message, number)).toString();
const hex = (message: ReturnType<typeof fields>, number: number): string =>
  Buffer.concat(each(message, number)).toString('hex');

/** KeyValue, whose AnyValue is a string (1) or an integer (3) here. */
function attributesOf(message: ReturnType<typeof fields>, number: number): Record<string, string> {
  return Object.fromEntries(
    each(message, number).map((bytes) => {
      const pair = fields(bytes);
      const value = fields(each(pair, 2)[0] ?? new Uint8Array());
      return [text(pair, 1), value.has(1) ? text(value, 1) : String(value.get(3)?.[0])];
    }),
  );
}

/** Reads an ExportTraceServiceRequest of one resource by its field numbers. */
export function readExport(bytes: Uint8Array): ReceivedExport {
  const [resourceSpans = new Uint8Array()] = each(fields(bytes), 1);
  const outer = fields(resourceSpans);
  const scopes = each(outer, 2).map(fields);
  return {
    resource: attributesOf(fields(each(outer, 1)[0] ?? new Uint8Array()), 1),
    scopes: scopes.map((scope) => text(fields(each(scope, 1)[0] ?? new Uint8Array()), 1)),
    spans: scopes.flatMap((scope) => each(scope, 2).map(spanOf)),
  };
}

function spanOf(bytes: Uint8Array): ReceivedSpan {
  const span = fields(bytes);
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentId: hex(span, 4),
    name: text(span, 5),
    kind: Number(span.get(6)?.[0]),
    startNs: BigInt(span.get(7)?.[0] as bigint),
    endNs: BigInt(span.get(8)?.[0] as bigint),
    attributes: attributesOf(span, 9),
  };
}

/** An answer that says how many spans were not taken. */
export const partialSuccess = (rejected: number): Buffer => Buffer.from([0x0a, 0x02, 0x08, rejected]);
