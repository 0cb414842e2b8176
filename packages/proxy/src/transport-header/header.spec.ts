import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { HeaderSchema } from '@weft/proto/transport_header';
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.builder.ts';
import {
  encodeTransportHeader,
  parseTransportHeader,
  TRANSPORT_HEADER_LIMIT,
  type TransportHeader,
} from './header.ts';

const PREFIX = Buffer.from('transport.l5d.io/v1\r\n\r\n');
const framed = (message: string) => {
  const bytes = Buffer.from(message, 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([PREFIX, length, bytes]);
};

describe('transport header', () => {
  it.each<[string, string, TransportHeader]>([
    ['HTTP/2', '08e1211a021200', { port: 4321, name: null, session: 'http/2' }],
    ['HTTP/1', '08e1211a020a00', { port: 4321, name: null, session: 'http/1' }],
    ['opaque bytes', '08e121', { port: 4321, name: null, session: null }],
    ['a gateway', `0850120661622e636f6d`, { port: 80, name: 'ab.com', session: null }],
  ])('is on the wire what a stock proxy writes for %s', (_, message, header) => {
    expect(encodeTransportHeader(header).toString('hex')).toBe(framed(message).toString('hex'));
    expect(parseTransportHeader(framed(message))).toEqual({
      kind: 'header',
      header,
      length: framed(message).length,
    });
  });

  it('waits for every byte and leaves what follows', () => {
    const whole = Buffer.concat([framed('08e1211a021200'), Buffer.from('payload')]);
    const end = whole.length - 'payload'.length;
    for (let cut = 0; cut < end; cut++)
      expect(parseTransportHeader(whole.subarray(0, cut))).toEqual({ kind: 'more' });
    expect(parseTransportHeader(whole)).toMatchObject({ kind: 'header', length: end });
  });

  it.each([
    ['another prefix, at its first wrong byte', Buffer.from('transport.l5d.io/v2')],
    ['port 0', framed('')],
    ['a port beyond 65535', framed('08808004')],
    ['a negative port', framed('08ffffffffffffffffff01')],
    ['a name that is not DNS', framed('0850120361206 2'.replace(' ', ''))],
    ['a message that is not protobuf', framed('ffffff')],
    ['a length beyond the limit', Buffer.concat([PREFIX, Buffer.from([0x7f, 0xff, 0xff, 0xff])])],
    ['a length just beyond the limit', Buffer.concat([PREFIX, Buffer.from([0, 0, 0xff, 0xe6])])],
  ])('refuses %s', (_, bytes) => {
    expect(parseTransportHeader(bytes)).toMatchObject({ kind: 'invalid' });
  });

  it('waits for a header that just fits the limit', () => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(TRANSPORT_HEADER_LIMIT - PREFIX.length - 4);
    expect(parseTransportHeader(Buffer.concat([PREFIX, length]))).toEqual({ kind: 'more' });
  });
});

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const anyHeader = fc.record({
  port: fc.integer({ min: 1, max: 65_535 }),
  name: fc.option(fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'))),
  session: fc.constantFrom<TransportHeader['session']>(null, 'http/1', 'http/2'),
});

describe('any transport header', () => {
  it('comes back as it was sent, whatever follows it', () => {
    fc.assert(
      fc.property(anyHeader, fc.uint8Array({ maxLength: 50 }), (header, rest) => {
        const sent = encodeTransportHeader(header);
        const parsed = parseTransportHeader(Buffer.concat([sent, rest]));
        expect(parsed).toEqual({ kind: 'header', header, length: sent.length });
      }),
      propertyRuns(300),
    );
  });

  it('is refused, or is what protobuf says it is, after any bytes of it were changed', () => {
    const change = fc.record({ at: fc.nat(120), to: fc.nat(255) });
    fc.assert(
      fc.property(anyHeader, fc.array(change, { minLength: 1, maxLength: 4 }), (header, changes) => {
        const bytes = encodeTransportHeader(header);
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        const parsed = parseTransportHeader(bytes);
        if (parsed.kind !== 'header') return;
        const at = PREFIX.length + 4;
        const oracle = fromBinary(HeaderSchema, bytes.subarray(at, at + bytes.readUInt32BE(PREFIX.length)));
        expect(parsed.header).toMatchObject({ port: oracle.port, name: oracle.name || null });
        expect(parsed.length).toBeLessThanOrEqual(bytes.length);
      }),
      propertyRuns(300),
    );
  });
});
