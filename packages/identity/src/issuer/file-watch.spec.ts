import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@weft/service';
import { watchFiles } from './file-watch.ts';

let directory: string;
let stop: AbortController;
let watching: Promise<void>;
let calls: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weft-watch-'));
  stop = new AbortController();
  calls = 0;
});
afterEach(async () => {
  stop.abort();
  await watching;
  rmSync(directory, { recursive: true, force: true });
});

function watch(intervalMs: number): void {
  const onChange = async () => {
    calls += 1;
  };
  watching = watchFiles(
    { directories: [directory], intervalMs, onChange, logger: silentLogger },
    stop.signal,
  );
}

async function calledTimes(count: number): Promise<void> {
  for (let round = 0; round < 300 && calls < count; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(calls).toBeGreaterThanOrEqual(count);
}

describe('watching files', () => {
  it('takes the writes of certificate and key as one change', async () => {
    watch(60_000);
    writeFileSync(join(directory, 'crt.pem'), 'a');
    writeFileSync(join(directory, 'key.pem'), 'b');
    await calledTimes(1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(calls).toBe(1);
  });

  it('sees the swap of a Kubernetes volume', async () => {
    mkdirSync(join(directory, '..1'));
    mkdirSync(join(directory, '..2'));
    symlinkSync('..1', join(directory, '..data'));
    watch(60_000);
    symlinkSync('..2', join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    await calledTimes(1);
  });

  it('looks on a timer although nothing was seen', async () => {
    watch(20);
    await calledTimes(2);
  });

  it('watches a directory that appears later, or comes back', async () => {
    rmSync(directory, { recursive: true });
    watch(20);
    await calledTimes(1);
    mkdirSync(directory);
    const before = calls;
    await calledTimes(before + 2);
  });

  it('ends when told to', async () => {
    watch(60_000);
    stop.abort();
    await watching;
    expect(calls).toBe(0);
  });
});
