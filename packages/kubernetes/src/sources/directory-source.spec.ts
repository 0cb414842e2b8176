import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.builder.ts';
import { DirectorySource, type DirectorySourceOptions } from './directory-source.ts';
import { recorded } from './recorder.builder.ts';

const service = (name: string, port: number | string = 80) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`;

let directory: string;
let stop: AbortController;
let finished: Promise<void>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'manifests-'));
  stop = new AbortController();
  finished = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await finished;
  await rm(directory, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFile(join(directory, name), text);

async function open(options: Partial<DirectorySourceOptions> = {}) {
  const source = new DirectorySource({ directory, rescanMs: 60_000, ...options });
  const record = recorded(source);
  finished = source.run(stop.signal);
  await eventually(() => record.synced === 1);
  const ports = () =>
    Object.fromEntries(source.list('Service').map((s) => [s.metadata.name, s.spec.ports[0]?.port]));
  return { source, record, ports };
}

describe('a directory of manifests', () => {
  it('is read with everything below it, hidden names and other files excepted', async () => {
    await mkdir(join(directory, 'deep', 'er'), { recursive: true });
    await mkdir(join(directory, '..data-old'), { recursive: true });
    await write('a.yaml', service('a'));
    await write('deep/er/b.yml', service('b'));
    await write('..data-old/c.yaml', service('c'));
    await write('notes.txt', service('d'));
    const { ports } = await open();
    expect(ports()).toEqual({ a: 80, b: 80 });
  });

  it('follows edits, new folders, renames and deletions without being asked', async () => {
    await write('a.yaml', service('a'));
    const { ports } = await open();
    await write('a.yaml', service('a', 81));
    await eventually(() => ports().a === 81);
    await mkdir(join(directory, 'new'));
    await write('new/b.yaml', service('b'));
    await eventually(() => ports().b === 80);
    await rename(join(directory, 'new/b.yaml'), join(directory, 'new/b.off'));
    await eventually(() => !('b' in ports()));
    await rm(join(directory, 'a.yaml'));
    await eventually(() => !('a' in ports()));
  });

  it('looks from time to time even when the system tells nothing', async () => {
    const { ports } = await open({ directory: join(directory, 'later'), rescanMs: 30 });
    await mkdir(join(directory, 'later'));
    await write('later/a.yaml', service('a'));
    await eventually(() => ports().a === 80);
  });

  it('reports what is broken once, keeps the last good state, and reports when it is mended', async () => {
    const reports: string[][] = [];
    await write('a.yaml', service('a'));
    const { ports } = await open({
      onProblems: (problems) => reports.push(problems.map((p) => `${p.document} ${p.field}`)),
    });
    await write('a.yaml', service('a', 'eighty'));
    await eventually(() => reports.length === 1);
    expect(reports[0]).toEqual(['0 spec.ports[0].port']);
    expect(ports()).toEqual({ a: 80 });
    await write('a.yaml', service('a', 82));
    await eventually(() => reports.length === 2);
    expect(reports[1]).toEqual([]);
    expect(ports()).toEqual({ a: 82 });
  });

  it('does not believe a file that is empty for the moment of being written', async () => {
    await write('a.yaml', service('a'));
    const { record, ports } = await open();
    await write('a.yaml', '');
    await sleep(40);
    await write('a.yaml', service('a', 81));
    await eventually(() => ports().a === 81);
    expect(record.batches.flat()).not.toContain('deleted Service a');
    await write('a.yaml', '');
    await eventually(() => !('a' in ports()));
  });

  it('refuses a file beyond the limit and keeps what it said before', async () => {
    await write('a.yaml', service('a'));
    const { source, ports } = await open({ maxFileBytes: 200 });
    await write('a.yaml', service('a', 81) + '#'.repeat(200));
    await eventually(() => source.problems.length === 1);
    expect(source.problems[0]).toMatchObject({ code: 'too_large', file: join(directory, 'a.yaml') });
    expect(ports()).toEqual({ a: 80 });
  });
});
