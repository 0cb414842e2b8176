import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Volume } from '../cluster/objects.ts';
import { aRunningPod } from './pod.builder.ts';
import { type VolumeContext, volumeFiles, writeVolume } from './volume.ts';

const context: VolumeContext = {
  pod: aRunningPod(),
  findData: (kind, name) =>
    name === 'issuer'
      ? {
          apiVersion: 'v1',
          kind,
          metadata: { name },
          data: { 'tls.crt': Buffer.from('CERT').toString('base64') },
        }
      : undefined,
  mintToken: async (pod, audience, lifetime) => `${pod.metadata.name} ${audience} ${lifetime}`,
};

const filesOf = async (volume: Omit<Volume, 'name'>) => {
  const files = await volumeFiles({ name: 'v', ...volume }, context);
  return files && Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString()]));
};

describe('the files of a volume', () => {
  it('are a Secret’s keys, or chosen ones under other names', async () => {
    expect(await filesOf({ secret: { secretName: 'issuer' } })).toEqual({ 'tls.crt': 'CERT' });
    const items = [{ key: 'tls.crt', path: 'issuer/crt.pem' }];
    expect(await filesOf({ secret: { secretName: 'issuer', items } })).toEqual({ 'issuer/crt.pem': 'CERT' });
  });

  it('are tokens with the audience and lifetime asked for', async () => {
    const token = { path: 'token', audience: 'identity.l5d.io', expirationSeconds: 86400 };
    expect(await filesOf({ projected: { sources: [{ serviceAccountToken: token }] } })).toEqual({
      token: 'web-0 identity.l5d.io 86400',
    });
  });

  it('are none for a volume of the pod’s own', async () => {
    expect(await filesOf({ emptyDir: {} })).toBeUndefined();
  });

  it('fail by the name of what is missing', async () => {
    await expect(filesOf({ configMap: { name: 'nothing' } })).rejects.toThrow(
      'shop/web-0: no ConfigMap nothing',
    );
    expect(await filesOf({ configMap: { name: 'nothing', optional: true } })).toEqual({});
  });
});

describe('writing a volume', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-volume-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('switches all files to the next version at once and leaves nothing of the one before', async () => {
    await writeVolume(directory, new Map([['a', Buffer.from('1')]]), 1);
    await writeVolume(directory, new Map([['a', Buffer.from('2')]]), 2);
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('2');
    expect(readdirSync(directory).sort()).toEqual(['..data', '..version-2', 'a']);
  });

  it('refuses a file outside the volume', async () => {
    await expect(writeVolume(directory, new Map([['../a', Buffer.from('1')]]), 1)).rejects.toThrow('"../a"');
  });
});
