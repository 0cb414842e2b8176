import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InClusterConnection } from './in-cluster-connection.ts';

const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'service-account-'));
  await write({ token: 'one\n', 'ca.crt': 'CA 1' });
});
afterEach(() => rm(directory, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}

describe('the connection from within a pod', () => {
  it('leads to where the variables say', () => {
    expect(new InClusterConnection({ env, directory }).server.href).toBe('https://10.96.0.1/');
    const ipv6 = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    expect(new InClusterConnection({ env: ipv6, directory }).server.host).toBe('[fd00::1]:6443');
  });

  it('says what is missing outside a pod', () => {
    expect(() => new InClusterConnection({ env: {}, directory })).toThrow(/KUBERNETES_SERVICE_HOST/);
  });

  it('shows the token of the service account, and trusts its authority alone', async () => {
    const { headers, agent } = await new InClusterConnection({ env, directory }).credentials();
    expect(headers).toEqual({ authorization: 'Bearer one' });
    expect((agent as Agent).options).toMatchObject({ ca: 'CA 1', keepAlive: true });
  });

  it('takes up a new token and a new authority', async () => {
    const connection = new InClusterConnection({ env, directory });
    const before = await connection.credentials();
    await write({ token: 'two' });
    connection.refresh();
    const renewed = await connection.credentials();
    expect(renewed.headers).toEqual({ authorization: 'Bearer two' });
    expect(renewed.agent).toBe(before.agent);
    await write({ 'ca.crt': 'CA 2' });
    connection.refresh();
    expect(((await connection.credentials()).agent as Agent).options.ca).toBe('CA 2');
  });

  it('names the file it cannot read', async () => {
    await rm(join(directory, 'token'));
    const connection = new InClusterConnection({ env, directory });
    await expect(connection.credentials()).rejects.toThrow(join(directory, 'token'));
  });
});
