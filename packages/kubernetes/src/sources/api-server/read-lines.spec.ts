import { describe, expect, it } from '@jest/globals';
import { readLines } from './read-lines.ts';

async function* chunks(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function read(body: AsyncIterable<Buffer>, maxBytes = 100): Promise<readonly (readonly string[])[]> {
  const batches: (readonly string[])[] = [];
  for await (const lines of readLines(body, maxBytes, 'WATCH /x')) batches.push(lines);
  return batches;
}

describe('the lines of a body', () => {
  it('come in the batches that the chunks complete', async () => {
    expect(await read(chunks('a\nb\nc', 'd\n', 'e', 'f', '\n\n'))).toEqual([['a', 'b'], ['cd'], ['ef', '']]);
  });

  it('may be cut anywhere, even within a character', async () => {
    const text = Buffer.from('grün\n');
    expect(await read(chunks(text.subarray(0, 3), text.subarray(3)))).toEqual([['grün']]);
  });

  it('lack an unfinished last one', async () => {
    expect(await read(chunks('a\nb'))).toEqual([['a']]);
  });

  it('are bounded', async () => {
    await expect(read(chunks('x'.repeat(60), 'x'.repeat(60)))).rejects.toThrow('more than 100 bytes');
  });
});
