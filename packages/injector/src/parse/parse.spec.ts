import { describe, expect, it } from '@jest/globals';
import { asMilliseconds, asSeconds, parseDuration } from './duration.ts';
import type { Parsed } from './parsed.ts';
import { parsePortOrRange } from './ports.ts';
import { parseQuantity } from './quantity.ts';
import { parseBoolean, parseInt32, parseInt64, parseRatio, parseUint64 } from './scalars.ts';

const outcome = <T>(result: Parsed<T>): T | 'refused' => (result.ok ? result.value : 'refused');

describe('booleans', () => {
  it.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('%s is true', (text) => {
    expect(outcome(parseBoolean(text))).toBe(true);
  });
  it.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('%s is false', (text) => {
    expect(outcome(parseBoolean(text))).toBe(false);
  });
  it.each(['', 'yes', 'tRue', ' true', 'true ', '2'])('%p is neither', (text) => {
    expect(outcome(parseBoolean(text))).toBe('refused');
  });
});

describe('integers', () => {
  it.each([
    ['0', 0],
    ['-2147483648', -2147483648],
    ['2147483647', 2147483647],
    ['+7', 7],
    ['007', 7],
    ['2147483648', 'refused'],
    ['-2147483649', 'refused'],
    ['', 'refused'],
    ['1_000', 'refused'],
    [' 1', 'refused'],
    ['1.0', 'refused'],
  ])('%p of 32 bits is %p', (text, value) => {
    expect(outcome(parseInt32(text))).toBe(value);
  });

  it('of 64 bits reach as far as they are exact', () => {
    expect(outcome(parseInt64('9007199254740991'))).toBe(9007199254740991);
    expect(outcome(parseInt64('9007199254740993'))).toBe('refused');
    expect(outcome(parseInt64('-1'))).toBe(-1);
    expect(outcome(parseUint64('-1'))).toBe('refused');
    expect(outcome(parseUint64('+1'))).toBe('refused');
  });
});

describe('ratios', () => {
  it.each([
    ['0.10', 0.1],
    ['.5', 0.5],
    ['1e-3', 0.001],
    ['0.999', 0.999],
    ['0', 'refused'],
    ['1', 'refused'],
    ['1.', 'refused'],
    ['NaN', 'refused'],
    ['0x1p-2', 'refused'],
  ])('%p is %p', (text, value) => {
    expect(outcome(parseRatio(text))).toBe(value);
  });
});

describe('durations', () => {
  it.each([
    ['0', 0n],
    ['+0', 0n],
    ['0s', 0n],
    ['1ns', 1n],
    ['1us', 1_000n],
    ['1µs', 1_000n],
    ['1μs', 1_000n],
    ['1ms', 1_000_000n],
    ['1.5s', 1_500_000_000n],
    ['.5s', 500_000_000n],
    ['1.s', 1_000_000_000n],
    ['1h2m3s', 3_723_000_000_000n],
    ['1s1s', 2_000_000_000n],
    ['0.0000000001s', 0n],
  ])('%p is %p ns', (text, value) => {
    expect(outcome(parseDuration(text))).toBe(value);
  });

  it.each([
    '',
    '+',
    '1',
    '.',
    's',
    '.s',
    '1d',
    '1 s',
    ' 1s',
    '1S',
    '1s2',
    '-1s',
    '10000000h',
    '1e3s',
    '1h,2m',
  ])('%p is none', (text) => {
    expect(outcome(parseDuration(text))).toBe('refused');
  });

  it('are cut, not rounded, to the units of the proxy', () => {
    expect(asMilliseconds(1_999_999n)).toBe('1ms');
    expect(asSeconds(1_999_999_999n)).toBe('1s');
  });
});

describe('quantities', () => {
  it.each([
    ['1', 1],
    ['100m', 1],
    ['1000m', 1],
    ['1001m', 2],
    ['0', 0],
    ['0.5', 1],
    ['.5', 1],
    ['2.', 2],
    ['1n', 1],
    ['1k', 1000],
    ['1Ki', 1024],
    ['1.5Ki', 1536],
    ['1e3', 1000],
    ['1E3', 1000],
    ['12E-1', 2],
    ['1Ei', 2 ** 60],
    ['+3', 3],
    ['-1.5', -1],
  ])('%p rounds up to %p', (text, roundedUp) => {
    expect(outcome(parseQuantity(text))).toEqual({ text, roundedUp });
  });

  it.each(['', '.', 'm', '1 ', '1K', '1mi', '1.2.3', '1e', '1e3Ki', '1Kib', '1e99999'])(
    '%p is none',
    (text) => {
      expect(outcome(parseQuantity(text))).toBe('refused');
    },
  );
});

describe('ports', () => {
  it.each([
    ['0', '0'],
    ['65535', '65535'],
    ['1-2', '1-2'],
    ['5-5', '5'],
    ['080', '80'],
    ['2-1', 'refused'],
    ['65536', 'refused'],
    ['1-65536', 'refused'],
    ['1-2-3', 'refused'],
    ['-1', 'refused'],
    ['', 'refused'],
    ['1 - 2', 'refused'],
  ])('%p is %p', (text, value) => {
    expect(outcome(parsePortOrRange(text))).toBe(value);
  });
});
