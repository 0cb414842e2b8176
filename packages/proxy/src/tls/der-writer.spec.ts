import { describe, expect, it } from '@jest/globals';
import { derValues } from './der-reader.ts';
import { derInteger, derObjectId, derOctetString } from './der-writer.ts';

describe('DER', () => {
  it.each([
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65536, '0483010000'],
  ])('writes a length of %d in the shortest form, and reads it', (length, head) => {
    const bytes = derOctetString(Buffer.alloc(length));
    expect(bytes.toString('hex').startsWith(head)).toBe(true);
    expect(derValues(bytes).map(({ tag, content }) => [tag, content.length])).toEqual([[4, length]]);
  });

  it.each([
    ['', '020100'],
    ['00', '020100'],
    ['007f', '02017f'],
    ['80', '02020080'],
    ['0100', '02020100'],
  ])('writes the number %s without a sign and without leading zeros', (digits, expected) => {
    expect(derInteger(Buffer.from(digits, 'hex')).toString('hex')).toBe(expected);
  });

  it('writes object ids', () => {
    expect(derObjectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
    expect(derObjectId('2.5.29.17').toString('hex')).toBe('0603551d11');
  });

  it.each(['04', '0401', '048005', '0485ffffffffff', '0484ffffffff', '1f0100', '04010001'])(
    'does not read %s',
    (hex) => {
      expect(() => derValues(Buffer.from(hex, 'hex'))).toThrow('invalid DER');
    },
  );
});
