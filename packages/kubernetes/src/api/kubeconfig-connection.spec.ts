import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiClient } from './api-client.ts';
import { connectCluster } from './connect-cluster.ts';
import { json, ScriptedApiServer } from './scripted-api-server.builder.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  file = join(directory, 'config');
});
afterEach(() => rm(directory, { recursive: true }));

/** Opens a kubeconfig of one cluster and one user. */
async function open(user: object, cluster: object = {}) {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(file, JSON.stringify(config));
  return connectCluster({ kubeconfig: file, env: {} });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the connection of a kubeconfig', () => {
  it('leads to the server of the current context, with its authority and client certificate', async () => {
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    const connection = await open(user, { 'certificate-authority-data': base64('CA') });
    expect(connection.server.host).toBe('api.example:6443');
    const { agent, headers } = await connection.credentials();
    const { ca, cert, key, keepAlive } = (agent as Agent).options;
    expect([ca, cert, key].map(String)).toEqual(['CA', 'CERT', 'KEY']);
    expect(keepAlive).toBe(true);
    expect(headers).toEqual({});
  });

  it('keeps its agent for as long as nothing changes', async () => {
    const connection = await open({ token: 't' });
    const { agent } = await connection.credentials();
    connection.refresh();
    expect((await connection.credentials()).agent).toBe(agent);
  });

  it.each([
    ['a token', { token: 'abc' }, 'Bearer abc'],
    ['a password', { username: 'a', password: 'b' }, `Basic ${base64('a:b')}`],
  ])('shows %s', async (_what, user, authorization) => {
    expect((await (await open(user)).credentials()).headers).toMatchObject({ authorization });
  });

  it('runs the plugin that a user names', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`],
      interactiveMode: 'Never',
    };
    const { headers } = await (await open({ exec })).credentials();
    expect(headers).toMatchObject({ authorization: 'Bearer from-plugin' });
  });

  it('speaks plain HTTP where the kubeconfig wants it', async () => {
    const server = await ScriptedApiServer.start();
    server.on('GET /version', json({ major: '1' }));
    const cluster = { server: server.connection.server.origin, 'insecure-skip-tls-verify': true };
    const client = new ApiClient({ connection: await open({}, cluster), userAgent: 'weft-test' });
    const { signal } = new AbortController();
    await expect(client.call({ path: '/version', signal })).resolves.toEqual({ major: '1' });
    await server.close();
  });

  it('names a file that is not there, and one without a current context', async () => {
    await expect(connectCluster({ kubeconfig: '/nonexistent', env: {} })).rejects.toThrow(/\/nonexistent/);
    await writeFile(file, 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n');
    await expect(connectCluster({ kubeconfig: file, env: {} })).rejects.toThrow(/no server.*context/);
  });
});
