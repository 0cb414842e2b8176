import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntilSynced } from '@weft/kubernetes';
import { Registry, readConfig, silentLogger } from '@weft/service';
import { destinationSettings } from '../config/settings.ts';
import { DestinationMetrics } from '../metrics.ts';
import { openSource } from './open-source.ts';

const pods = [
  {
    metadata: { name: 'web-1', namespace: 'shop', uid: 'u', resourceVersion: '5' },
    status: { phase: 'Running', podIP: '10.1.0.1' },
  },
];

let stop: AbortController;
let directory: string;
let server: Server;
let allowed: boolean;

/** An API server with one pod, where only the kinds of every cluster are known. */
function answer(path: string): object | undefined {
  if (path.endsWith('/selfsubjectaccessreviews')) return { status: { allowed } };
  if (path.includes('linkerd.io')) return undefined;
  return { metadata: { resourceVersion: '5' }, items: path === '/api/v1/pods' ? pods : [] };
}

beforeEach(async () => {
  stop = new AbortController();
  allowed = true;
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    request.resume();
    const body = answer(pathname);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    if (searchParams.has('watch')) response.flushHeaders();
    else response.end(JSON.stringify(body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  stop.abort(new Error('stopped'));
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  await rm(directory, { recursive: true });
});

async function kubeconfig(): Promise<string> {
  const file = join(directory, 'config');
  const { port } = server.address() as AddressInfo;
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

function open(...argv: string[]) {
  const result = readConfig(destinationSettings, { argv, env: {} });
  if (result.kind !== 'config') throw new Error(result.kind);
  const registry = new Registry();
  const metrics = new DestinationMetrics(registry);
  const dependencies = { config: result.config, logger: silentLogger, metrics, registry, env: {} };
  return openSource(dependencies, stop.signal);
}

describe('the objects that answers are computed from', () => {
  it('are those of a cluster, complete without the kinds it does not know', async () => {
    const { source, finished } = await open('--kubeconfig', await kubeconfig());
    await waitUntilSynced(source, stop.signal);
    expect(source.get('Pod', 'shop', 'web-1')?.status.podIP).toBe('10.1.0.1');
    expect(source.list('Server')).toEqual([]);
    stop.abort();
    await expect(finished).resolves.toBeUndefined();
  });

  it('cannot be had without permission, which is named', async () => {
    allowed = false;
    await expect(open('--kubeconfig', await kubeconfig())).rejects.toThrow(/may not list pods/);
  });

  it('come from one place', async () => {
    await expect(open('--kubeconfig', 'k', '--manifests', directory)).rejects.toThrow(
      /kubeconfig.*together with -manifests/,
    );
  });

  it('are missed where there is neither a folder, nor a kubeconfig, nor a cluster', async () => {
    await expect(open()).rejects.toThrow(/KUBERNETES_SERVICE_HOST.*kubeconfig/);
  });
});
