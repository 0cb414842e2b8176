import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../property-runs.builder.ts';
import { Http2Error } from '../http2-error.ts';
import { HpackDecoder } from './decoder.ts';
import { encodedBound, HpackEncoder } from './encoder.ts';
import { FieldKind } from './field-kind.ts';
import { decodedBound, decodeHuffman, encodeHuffman, huffmanLength } from './huffman.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

function decoder(overrides: { maxListSize?: number; tableSize?: number } = {}): HpackDecoder {
  return new HpackDecoder(overrides.maxListSize ?? 16_384, overrides.tableSize ?? 4096);
}

function decode(using: HpackDecoder, block: Buffer): string[] {
  using.decode(block, 0, block.length);
  return using.fields.slice(0, 2 * using.count);
}

function encode(using: HpackEncoder, fields: readonly string[]): Buffer {
  const target = Buffer.alloc(encodedBound(fields));
  using.begin(target, 0);
  for (let i = 0; i < fields.length; i += 2) using.field(fields[i]!, fields[i + 1]!);
  return target.subarray(0, using.position);
}

const firstRequest = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
const secondRequest = [...firstRequest, 'cache-control', 'no-cache'];
const thirdRequest = [
  ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com'],
  ...['custom-key', 'custom-value'],
];
const firstResponse = [
  ...[':status', '302', 'cache-control', 'private', 'date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ...['location', 'https://www.example.com'],
];
const secondResponse = [':status', '307', ...firstResponse.slice(2)];
const thirdResponse = [
  ...[':status', '200', 'cache-control', 'private', 'date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
  ...['location', 'https://www.example.com', 'content-encoding', 'gzip'],
  ...['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
];

describe('the decoder on the examples of RFC 7541', () => {
  it.each([
    [
      'C.2.1',
      '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      ['custom-key', 'custom-header'],
    ],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', [':path', '/sample/path']],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', ['password', 'secret']],
    ['C.2.4', '82', [':method', 'GET']],
  ])('reads the field of %s', (_section, block, fields) => {
    expect(decode(decoder(), hex(block))).toEqual(fields);
  });

  it('reads the requests of C.3, without Huffman code', () => {
    const using = decoder();
    expect(decode(using, hex('8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d'))).toEqual(firstRequest);
    expect(decode(using, hex('8286 84be 5808 6e6f 2d63 6163 6865'))).toEqual(secondRequest);
    const third = hex('8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65');
    expect(decode(using, third)).toEqual(thirdRequest);
  });

  it('reads the requests of C.4, with Huffman code', () => {
    const using = decoder();
    expect(decode(using, hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))).toEqual(firstRequest);
    expect(decode(using, hex('8286 84be 5886 a8eb 1064 9cbf'))).toEqual(secondRequest);
    const third = hex('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf');
    expect(decode(using, third)).toEqual(thirdRequest);
  });

  it('reads the responses of C.5, evicting from a table of 256 bytes', () => {
    const using = decoder({ tableSize: 256 });
    const first = hex(
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32
       3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
    );
    expect(decode(using, first)).toEqual(firstResponse);
    expect(decode(using, hex('4803 3330 37c1 c0bf'))).toEqual(secondResponse);
    const third = hex(
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970
       7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61
       6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
    );
    expect(decode(using, third)).toEqual(thirdResponse);
  });

  it('reads the responses of C.6, with Huffman code and eviction', () => {
    const using = decoder({ tableSize: 256 });
    const first = hex(
      `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad
       1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
    );
    expect(decode(using, first)).toEqual(firstResponse);
    expect(decode(using, hex('4883 640e ffc1 c0bf'))).toEqual(secondResponse);
    const third = hex(
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2
       e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    );
    expect(decode(using, third)).toEqual(thirdResponse);
  });
});

describe('the decoder on broken blocks', () => {
  it.each([
    ['index 0', '80'],
    ['an index beyond the tables', 'be'],
    ['an integer without end', 'ffffffffffffffffff'],
    ['an integer cut short', 'ff'],
    ['a name cut short', '400a6375'],
    ['a value left out', '4001'],
    ['a size update after a field', '8220'],
    ['three size updates', '202020'],
    ['a size update above the limit', '3fe2 1f'],
    ['padding of eight bits', '0001 6182 87ff'],
    ['padding of zeros', '0001 6181 18'],
    ['the end-of-string symbol', '0001 6184 ffff ffff'],
  ])('refuses %s', (_what, block) => {
    const bytes = hex(block);
    expect(() => decoder().decode(bytes, 0, bytes.length)).toThrow(Http2Error);
  });

  it('stops keeping fields at the limit of the list but still learns them', () => {
    const using = decoder({ maxListSize: 100 });
    const filler = ['x-filler', 'f'.repeat(60)];
    const encoder = new HpackEncoder(4096);
    encode(encoder, ['x-late', 'v']);
    expect(decode(using, encode(encoder, [...filler, 'x-late', 'v']))).toEqual(filler);
    expect(using.tooLarge).toBe(true);
    expect(decode(using, encode(encoder, ['x-late', 'v']))).toEqual(['x-late', 'v']);
    expect(using.tooLarge).toBe(false);
  });

  it('does not unfold one entry into a list of any length', () => {
    const using = decoder();
    const big = Buffer.concat([hex('4001 61 7f a1 1e'), Buffer.alloc(4000, 'v')]);
    using.decode(big, 0, big.length);
    const bomb = Buffer.alloc(30_000, 0xbe);
    using.decode(bomb, 0, bomb.length);
    expect(using.tooLarge).toBe(true);
    expect(using.count).toBeLessThanOrEqual(4);
  });

  it('judges fields once and remembers the verdict with the entry', () => {
    const using = decoder();
    const block = Buffer.concat([hex('40 0a'), Buffer.from('Upper-Name'), hex('01 76')]);
    using.decode(block, 0, block.length);
    expect(using.kinds[0]).toBe(FieldKind.BadName);
    using.decode(hex('be'), 0, 1);
    expect(using.kinds[0]).toBe(FieldKind.BadName);
  });
});

describe('the encoder', () => {
  it('spends one byte on a field that comes for the third time', () => {
    const encoder = new HpackEncoder(4096);
    const fields = ['x-request-kind', 'checkout'];
    encode(encoder, fields);
    encode(encoder, fields);
    expect(encode(encoder, fields)).toHaveLength(1);
  });

  it('keeps values seen once out of the table', () => {
    const encoder = new HpackEncoder(4096);
    const block = encode(encoder, ['x-request-id', '0b6c']);
    expect(block[0]! & 0xc0).toBe(0);
  });

  it.each(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])('never indexes %s', (name) => {
    const encoder = new HpackEncoder(4096);
    for (let i = 0; i < 3; i++) expect(encode(encoder, [name, 'secret'])[0]! & 0xf0).toBe(0x10);
  });

  it('leaves out what belongs to one connection', () => {
    const encoder = new HpackEncoder(4096);
    const fields = ['connection', 'close', 'transfer-encoding', 'chunked', 'te', 'gzip', 'te', 'trailers'];
    expect(decode(decoder(), encode(encoder, fields))).toEqual(['te', 'trailers']);
  });

  it('announces the smallest and the last size of its table', () => {
    const encoder = new HpackEncoder(4096);
    encoder.setPeerTableSize(0);
    encoder.setPeerTableSize(4096);
    expect(encode(encoder, [':method', 'GET'])).toEqual(hex('20 3fe1 1f 82'));
    expect(encode(encoder, [':method', 'GET'])).toEqual(hex('82'));
  });

  it('does without a table when the peer wants none', () => {
    const encoder = new HpackEncoder(4096);
    encoder.setPeerTableSize(0);
    const using = decoder();
    const fields = ['x-a', 'b', 'x-a', 'b', 'x-a', 'b'];
    expect(decode(using, encode(encoder, fields))).toEqual(fields);
    expect(decode(using, encode(encoder, fields))).toEqual(fields);
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((text) => text !== 'te');
const value = fc
  .array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 80 })
  .map((octets) => String.fromCharCode(...octets));
const skipped = new Set(['connection', 'upgrade', 'keep-alive']);

describe('encoder and decoder together', () => {
  it('carry any sequence of lists, whatever the sizes of the table', () => {
    const field = fc.tuple(fc.oneof(fc.constantFrom('x-a', 'x-b', ':path', 'date'), name), value);
    const block = fc.record({
      tableSize: fc.option(fc.constantFrom(0, 64, 200, 4096, 65_536)),
      repeats: fc.integer({ min: 1, max: 4 }),
      fields: fc.array(field, { maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
        const encoder = new HpackEncoder(4096);
        const using = decoder({ maxListSize: 1 << 20 });
        for (const { tableSize, repeats, fields } of blocks) {
          if (tableSize !== null) encoder.setPeerTableSize(tableSize);
          const flat = fields.filter(([key]) => !skipped.has(key)).flat();
          for (let i = 0; i < repeats; i++) expect(decode(using, encode(encoder, flat))).toEqual(flat);
        }
      }),
      propertyRuns(200),
    );
  });

  it('never write beyond the bound they state', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (fields) => {
        const flat = fields.flat();
        expect(encode(new HpackEncoder(4096), flat).length).toBeLessThanOrEqual(encodedBound(flat));
      }),
    );
  });
});

describe('Huffman code', () => {
  it('comes back as it was, for all octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const text = Buffer.from(octets).toString('latin1');
        const coded = Buffer.alloc(huffmanLength(text));
        expect(encodeHuffman(text, coded, 0)).toBe(coded.length);
        const target = Buffer.alloc(decodedBound(coded.length));
        const length = decodeHuffman(coded, 0, coded.length, target);
        expect(target.subarray(0, length).toString('latin1')).toBe(text);
      }),
    );
  });

  it('takes any octets without writing beyond its bound', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const target = Buffer.alloc(decodedBound(octets.length) + 8, 0xee);
        decodeHuffman(octets, 0, octets.length, target);
        expect(target.subarray(-8).every((octet) => octet === 0xee)).toBe(true);
      }),
    );
  });
});
