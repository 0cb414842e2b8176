import { describe, expect, it } from '@jest/globals';
import { LineSplitter } from './line-splitter.ts';

function split(...chunks: readonly (string | Buffer)[]): readonly (readonly string[])[] {
  const splitter = new LineSplitter(100, 'WATCH /x');
  return chunks.map((chunk) => splitter.push(Buffer.from(chunk)));
}

describe('the lines of a body', () => {
  it('come with the chunks that complete them', () => {
    expect(split('a\nb\nc', 'd\n', 'e', 'f', '\n\n')).toEqual([['a', 'b'], ['cd'], [], [], ['ef', '']]);
  });

  it('may be cut anywhere, even within a character', () => {
    const text = Buffer.from('grün\n');
    expect(split(text.subarray(0, 3), text.subarray(3))).toEqual([[], ['grün']]);
  });

  it('lack an unfinished last one', () => {
    expect(split('a\nb')).toEqual([['a']]);
  });

  it('are bounded, each for itself', () => {
    expect(() => split('x'.repeat(60), 'x'.repeat(60))).toThrow('more than 100 bytes');
    expect(split('x'.repeat(60), '\n', 'x'.repeat(60))).toEqual([[], ['x'.repeat(60)], []]);
  });
});
