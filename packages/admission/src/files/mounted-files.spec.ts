import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@weft/service';
import { aKeyPair, MountedSecret } from '../testing.ts';
import { MountedFiles } from './mounted-files.ts';
import { checkKeyPair } from './serving-certificate.ts';

const stop = new AbortController();
const mounts: MountedSecret[] = [];
afterEach(() => {
  for (const mount of mounts.splice(0)) mount.remove();
});

function follow(mount: MountedSecret) {
  mounts.push(mount);
  const results: string[] = [];
  const files = new MountedFiles({
    name: 'number',
    paths: [join(mount.directory, 'number')],
    load: ([text = '']) => {
      if (!/^\d+$/.test(text)) throw new Error(`${text} is no number`);
      return Number(text);
    },
    logger: silentLogger,
    onResult: (result) => results.push(result),
    intervalMs: 5,
  });
  return { files, results };
}

const reaches = (files: MountedFiles<number>, wanted: number) =>
  new Promise<void>((resolve) => files.subscribe((value) => value === wanted && resolve()));

describe('mounted files', () => {
  it('follow the swap of a volume', async () => {
    const mount = new MountedSecret({ number: '1' });
    const { files } = follow(mount);
    await files.follow(stop.signal);
    expect(files.current).toBe(1);
    mount.write({ number: '2' });
    await reaches(files, 2);
  });

  it('appear later', async () => {
    const mount = new MountedSecret();
    const { files } = follow(mount);
    await files.follow(stop.signal);
    expect(files.current).toBeUndefined();
    mount.write({ number: '3' });
    await reaches(files, 3);
  });

  it('keep the last good value and complain once', async () => {
    const mount = new MountedSecret({ number: '1' });
    const { files, results } = follow(mount);
    await files.reload();
    mount.write({ number: 'x' });
    await files.reload();
    await files.reload();
    expect(files.current).toBe(1);
    expect(results).toEqual(['updated', 'refused']);
  });

  it('tell nobody of content that is the same', async () => {
    const mount = new MountedSecret({ number: '1' });
    const { files, results } = follow(mount);
    await files.reload();
    mount.write({ number: '1' });
    await files.reload();
    expect(results).toEqual(['updated']);
  });
});

describe('a serving certificate', () => {
  it('must be a certificate and its own key', () => {
    const pair = aKeyPair();
    expect(checkKeyPair(pair)).toEqual(pair);
    expect(() => checkKeyPair({ ...pair, key: aKeyPair().key })).toThrow('tls.key is not the key of tls.crt');
    expect(() => checkKeyPair({ ...pair, cert: '' })).toThrow('tls.crt holds no certificate');
    expect(() => checkKeyPair({ ...pair, key: 'x' })).toThrow('cannot be read as PEM');
  });
});
