import { describe, expect, it } from '@jest/globals';
import { joinShort } from './gathered-write.ts';

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
