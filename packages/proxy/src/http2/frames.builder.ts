import { clientPreface, Flag, FrameType } from './frame.ts';

/** The bytes of one frame. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer | number[] = [],
): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(9);
  header.writeUIntBE(body.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, body]);
}

function length(value: number): number[] {
  if (value < 127) return [value];
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** A header block of plain literals that touch no table. Fields are flat: name, value, … */
export function literalBlock(fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = Buffer.from(fields[i]!, 'latin1');
    const value = Buffer.from(fields[i + 1]!, 'latin1');
    parts.push(Buffer.from([0, ...length(name.length)]), name, Buffer.from(length(value.length)), value);
  }
  return Buffer.concat(parts);
}

/** Pseudo-headers of a request that nobody could object to. */
export const getRequest = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'web'];
export const postRequest = [':method', 'POST', ':scheme', 'http', ':path', '/', ':authority', 'web'];

export function headersFrame(streamId: number, fields: readonly string[], endStream = true): Buffer {
  const flags = Flag.EndHeaders | (endStream ? Flag.EndStream : 0);
  return frame(FrameType.Headers, flags, streamId, literalBlock(fields));
}

export function dataFrame(streamId: number, payload: string | Buffer, endStream = false): Buffer {
  return frame(FrameType.Data, endStream ? Flag.EndStream : 0, streamId, Buffer.from(payload));
}

export function settingsFrame(entries: readonly number[] = []): Buffer {
  const payload = Buffer.alloc(entries.length * 3);
  for (let i = 0; i < entries.length; i += 2) {
    payload.writeUInt16BE(entries[i]!, i * 3);
    payload.writeUInt32BE(entries[i + 1]!, i * 3 + 2);
  }
  return frame(FrameType.Settings, 0, 0, payload);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function windowUpdateFrame(streamId: number, increment: number): Buffer {
  return frame(FrameType.WindowUpdate, 0, streamId, word(increment));
}

export function resetFrame(streamId: number, code: number): Buffer {
  return frame(FrameType.RstStream, 0, streamId, word(code));
}

export function goawayFrame(lastStreamId: number, code: number): Buffer {
  return frame(FrameType.Goaway, 0, 0, Buffer.concat([word(lastStreamId), word(code)]));
}

export function pingFrame(opaque = 'abcdefgh', ack = false): Buffer {
  return frame(FrameType.Ping, ack ? Flag.Ack : 0, 0, Buffer.from(opaque, 'latin1'));
}

/** What a client says first. */
export function clientHello(settings: readonly number[] = []): Buffer {
  return Buffer.concat([clientPreface, settingsFrame(settings)]);
}
