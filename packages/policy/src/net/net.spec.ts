import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCidr } from './cidr.ts';
import { formatIpv4, parseIpv4 } from './ipv4.ts';
import { formatIpv6, parseIpv6 } from './ipv6.ts';
import { compileNetworks } from './network-set.ts';

describe('IPv4 text', () => {
  it('survives parsing and formatting', () => {
    fc.assert(fc.property(fc.ipV4(), (ip) => formatIpv4(parseIpv4(ip)) === ip));
  });

  it('is told from other text as node tells it', () => {
    const near = fc.string({
      unit: fc.constantFrom('0', '1', '9', '25', '255', '256', '.', 'a', ' '),
      maxLength: 9,
    });
    fc.assert(fc.property(near, (text) => parseIpv4(text) >= 0 === isIPv4(text)));
  });
});

describe('IPv6 text', () => {
  it('is told from other text as node tells it', () => {
    const near = fc.string({
      unit: fc.constantFrom(':', '::', '0', 'f00d', 'ABCDE', '1.2.3.4', ':1', 'g'),
      maxLength: 10,
    });
    const words = new Uint32Array(4);
    fc.assert(fc.property(fc.oneof(near, fc.ipV6()), (text) => parseIpv6(text, words) === isIPv6(text)));
  });

  it('survives formatting and parsing', () => {
    const word = fc.oneof(fc.constant(0), fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }));
    const words = new Uint32Array(4);
    fc.assert(
      fc.property(fc.array(word, { minLength: 4, maxLength: 4 }), (address) => {
        expect(parseIpv6(formatIpv6(address), words)).toBe(true);
        expect([...words]).toEqual(address);
      }),
    );
  });

  it.each([
    [[0, 0, 0, 1], '::1'],
    [[0, 0, 0, 0], '::'],
    [[0x20010db8, 0, 0x00010000, 1], '2001:db8::1:0:0:1'],
    [[0x20010db8, 0x00000001, 0x00010001, 0x00010001], '2001:db8:0:1:1:1:1:1'],
  ])('is written as RFC 5952 says', (words, text) => {
    expect(formatIpv6(words)).toBe(text);
  });

  it('ignores a zone', () => {
    const words = new Uint32Array(4);
    expect(parseIpv6('fe80::1%eth0', words)).toBe(true);
    expect(formatIpv6(words)).toBe('fe80::1');
  });
});

describe('a set of networks', () => {
  it.each([
    { family: 'ipv4' as const, ip: fc.ipV4(), bits: 32 },
    { family: 'ipv6' as const, ip: fc.ipV6(), bits: 128 },
  ])('contains the $family addresses that node’s block list contains', ({ family, ip, bits }) => {
    fc.assert(
      fc.property(ip, fc.nat(bits), ip, (net, length, other) => {
        const oracle = new BlockList();
        oracle.addSubnet(net, length, family);
        const set = compileNetworks([{ net: parseCidr(`${net}/${length}`)!, except: [] }]);
        expect(set.contains(other)).toBe(oracle.check(other, family));
        expect(set.contains(net)).toBe(true);
      }),
    );
  });

  it('leaves out its exceptions, network by network', () => {
    const set = compileNetworks([
      { net: parseCidr('10.0.0.0/8')!, except: [parseCidr('10.1.0.0/16')!, parseCidr('10.2.3.4')!] },
      { net: parseCidr('10.1.1.0/24')!, except: [] },
      { net: parseCidr('fd00::/8')!, except: [parseCidr('fd00:1::/32')!] },
    ]);
    const inside = ['10.0.0.1', '10.2.3.5', '10.1.1.9', '::ffff:10.9.9.9', 'fd00::1'];
    const outside = ['10.1.0.1', '10.2.3.4', '11.0.0.1', 'fd00:1::5', 'fe80::1', 'not an address', ''];
    expect(inside.filter((ip) => !set.contains(ip))).toEqual([]);
    expect(outside.filter((ip) => set.contains(ip))).toEqual([]);
  });

  it('keeps the two families of 0/0 apart', () => {
    const v4 = compileNetworks([{ net: parseCidr('0.0.0.0/0')!, except: [] }]);
    expect([v4.contains('255.255.255.255'), v4.contains('::1')]).toEqual([true, false]);
  });
});

describe('parseCidr', () => {
  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0/8', '10.0.0.0/', '10.0.0.0/-1', '', 'x/8', '10.0.0.0/8/8'])(
    'refuses %j',
    (text) => {
      expect(parseCidr(text)).toBeNull();
    },
  );

  it('forgets the bits beyond the prefix', () => {
    expect(parseCidr('10.1.2.3/8')).toEqual(parseCidr('10.0.0.0/8'));
  });
});
