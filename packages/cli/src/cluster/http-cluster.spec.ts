import { afterEach, describe, expect, it } from '@jest/globals';
import { startApiServer, type TestApiServer } from './api-server.builder.ts';
import { getObject, listObjects } from './cluster.ts';
import { openCluster } from './open-cluster.ts';

describe('a cluster over HTTP', () => {
  let server: TestApiServer | undefined;
  const { signal } = new AbortController();
  const open = (address: string) => openCluster({ linkerdNamespace: 'linkerd', apiAddr: address });

  afterEach(() => server?.close());

  it('reads a collection page by page', async () => {
    const page = (name: string, next: string) => ({ items: [{ name }], metadata: { continue: next } });
    server = await startApiServer({
      '/api/v1/pods': ({ query }) => (query.get('continue') === 'more' ? page('b', '') : page('a', 'more')),
    });
    const cluster = await open(server.address);
    expect(await listObjects(cluster, '/api/v1/pods', signal, { labelSelector: 'a=b' })).toEqual([
      { name: 'a' },
      { name: 'b' },
    ]);
    expect(server.requests.map(({ query }) => query.get('labelSelector'))).toEqual(['a=b', 'a=b']);
  });

  it('tells what is not there from what fails', async () => {
    server = await startApiServer({
      '/api/v1/nodes': { kind: 'Status', code: 403, message: 'nodes is forbidden: ada may not' },
    });
    const cluster = await open(server.address);
    expect(await getObject(cluster, '/api/v1/none', signal)).toBeUndefined();
    expect(await listObjects(cluster, '/apis/none', signal)).toEqual([]);
    await expect(cluster.call({ path: '/api/v1/nodes', signal })).rejects.toMatchObject({
      code: 'forbidden',
      status: 403,
      message: 'GET /api/v1/nodes: nodes is forbidden: ada may not',
    });
  });

  it('tells the time of the server', async () => {
    server = await startApiServer({ '/version': {} });
    const { serverTime } = await (await open(server.address)).call({ path: '/version', signal });
    expect(Math.abs((serverTime ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('names the server that does not answer, and ends with its signal', async () => {
    const cluster = await open('127.0.0.1:1');
    await expect(cluster.call({ path: '/version', signal })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^GET \/version: no answer from http:\/\/127\.0\.0\.1:1: /),
    });
    const reason = new Error('enough');
    await expect(cluster.call({ path: '/version', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('says how to name a cluster where none is configured', async () => {
    const { HOME, KUBECONFIG } = process.env;
    process.env.HOME = '/nonexistent';
    delete process.env.KUBECONFIG;
    try {
      await expect(openCluster({ linkerdNamespace: 'linkerd' })).rejects.toThrow(
        'no cluster is configured: set KUBECONFIG',
      );
    } finally {
      process.env.HOME = HOME;
      if (KUBECONFIG !== undefined) process.env.KUBECONFIG = KUBECONFIG;
    }
  });

  it('says what is wrong with the kubeconfig', async () => {
    const flags = { linkerdNamespace: 'linkerd', kubeconfig: '/nonexistent/config' };
    await expect(openCluster(flags)).rejects.toMatchObject({ code: 'no_configuration' });
    const context = { linkerdNamespace: 'linkerd', apiAddr: 'a:1', context: 'prod' };
    await expect(openCluster(context)).rejects.toThrow(/no context "prod"/);
  });
});
