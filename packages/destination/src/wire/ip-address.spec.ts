import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { IPAddressSchema } from '@weft/proto/net';
import fc from 'fast-check';
import { decodeIp, encodeIp, encodeNetwork } from './ip-address.ts';

const message = (text: string) => create(IPAddressSchema, encodeIp(text) ?? {});

describe('an address on the wire', () => {
  it('is the number that its bytes make, most significant first', () => {
    expect(message('192.0.2.1').ip.value).toBe(0xc0000201);
    expect(message('2001:db8::ff').ip.value).toMatchObject({ first: 0x20010db800000000n, last: 0xffn });
    expect(message('::ffff:1.2.3.4').ip.value).toMatchObject({ first: 0n, last: 0xffff01020304n });
  });

  it('comes back as it went', () => {
    fc.assert(fc.property(fc.ipV4(), (ip) => expect(decodeIp(message(ip))).toBe(ip)));
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const canonical = new URL(`http://[${ip}]`).hostname.slice(1, -1);
        expect(decodeIp(message(ip))).toBe(canonical);
      }),
    );
  });

  it('is none for other texts', () => {
    expect(['', '1.2.3', '1.2.3.256', 'host', ':::'].map(encodeIp)).toEqual(Array(5).fill(undefined));
    expect(decodeIp(undefined)).toBeUndefined();
  });
});

describe('a network on the wire', () => {
  it('has the prefix that is written, or is one address', () => {
    expect(encodeNetwork('10.0.0.0/8')?.prefixLen).toBe(8);
    expect([encodeNetwork('10.0.0.1')?.prefixLen, encodeNetwork('::1')?.prefixLen]).toEqual([32, 128]);
  });

  it.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/x', '/8', ''])('is none as %j', (cidr) => {
    expect(encodeNetwork(cidr)).toBeUndefined();
  });
});
