import { describe, expect, it } from '@jest/globals';
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
