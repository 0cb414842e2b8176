import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { manifestFormat } from './document.ts';
import { readInput } from './read-input.ts';
import { requireSource } from './source.ts';

const nothing = () => Readable.from([]);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-inputs-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('readInput', () => {
  it('reads standard input for a dash', async () => {
    expect(await readInput('-', Readable.from(['kind: ', 'Pod\n']))).toEqual([
      { name: 'standard input', text: 'kind: Pod\n' },
    ]);
  });

  it('reads every file below a folder in the order of names, whatever they are called', async () => {
    await mkdir(join(folder, 'b'));
    for (const name of ['c.yaml', 'b/two.json', 'a', 'b/one']) await writeFile(join(folder, name), name);
    const inputs = await readInput(folder, nothing());
    expect(inputs.map(({ text }) => text)).toEqual(['a', 'b/one', 'b/two.json', 'c.yaml']);
    expect(inputs[1]?.name).toBe(join(folder, 'b/one'));
  });

  it('names a file that is not there', async () => {
    await expect(readInput(join(folder, 'none.yaml'), nothing())).rejects.toThrow(
      /none\.yaml cannot be read/,
    );
  });

  it('takes URLs of HTTPS alone', async () => {
    await expect(readInput('http://example.com/a.yaml', nothing())).rejects.toThrow(
      'only HTTPS URLs are allowed',
    );
  });

  it('says which URL does not answer', async () => {
    await expect(readInput('https://127.0.0.1:1/a.yaml', nothing())).rejects.toThrow(
      /^https:\/\/127\.0\.0\.1:1\/a\.yaml cannot be read/,
    );
  });
});

describe('arguments', () => {
  it('wants a source and a format it knows', () => {
    expect(() => requireSource(undefined)).toThrow('please specify a kubernetes resource file');
    expect(() => manifestFormat('wide')).toThrow('unsupported format wide');
  });
});
