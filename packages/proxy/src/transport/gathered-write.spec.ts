import { describe, expect, it } from '@jest/globals';
import { countTogether, joinShort } from './gathered-write.ts';

describe('joining short pieces', () => {
  const long = Buffer.alloc(16384, 'L');

  it('makes one buffer of each run and passes long pieces by reference', () => {
    const parts = joinShort([Buffer.from('a'), Buffer.from('b'), long, Buffer.from('c'), long, long]);
    expect(parts.map((part) => part.length)).toEqual([2, 16384, 1, 16384, 16384]);
    expect(parts[0]?.toString()).toBe('ab');
    expect(parts[1]).toBe(long);
  });

  it('does not copy a short piece that stands alone', () => {
    const short = Buffer.from('a');
    expect(joinShort([short, long])[0]).toBe(short);
  });
});

describe('what leaves together', () => {
  const of = (...sizes: number[]) => sizes.map((size) => Buffer.alloc(size));

  it('is everything where the kernel takes it from where it lies', () => {
    expect(countTogether(of(5, 64_000, 300_000), 'vector')).toBe(3);
  });

  it.each([
    ['short pieces', [9, 16_384, 9, 16_384], 4],
    ['one long piece', [64_000], 1],
    ['a long piece, before others', [64_000, 64_000, 5], 1],
    ['short pieces, before a long one', [5, 5, 64_000], 2],
    ['what can be joined in place', [...Array(20).fill(16_384)], 16],
    ['one piece, however long', [300_000, 1], 1],
  ])('over TLS is %s', (_, sizes, count) => {
    expect(countTogether(of(...sizes), 'join')).toBe(count);
  });
});
