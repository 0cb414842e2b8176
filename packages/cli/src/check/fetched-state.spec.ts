import { afterEach, describe, expect, it } from '@jest/globals';
import { startApiServer, type TestApiServer } from '../cluster/api-server.builder.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { FetchedState } from './fetched-state.ts';

describe('the state of a live cluster', () => {
  let server: TestApiServer;
  afterEach(() => server.close());

  const state = async () => {
    const cluster = await openCluster({ linkerdNamespace: 'linkerd', apiAddr: server.address });
    return new FetchedState(cluster, new AbortController().signal);
  };

  it('is read once, so that all checks judge the same moment', async () => {
    server = await startApiServer({ '/api/v1/pods': { items: [{ metadata: { name: 'web' } }] } });
    const cluster = await state();
    const [first, second] = await Promise.all([cluster.list('/api/v1/pods'), cluster.list('/api/v1/pods')]);
    expect(first).toEqual([{ metadata: { name: 'web' } }]);
    expect(second).toBe(first);
    expect(server.requests).toHaveLength(1);
  });

  it('asks the server who may do what', async () => {
    server = await startApiServer({
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': ({ body }) => {
        const { spec } = body as { spec: { resourceAttributes: { resource: string } } };
        return { status: { allowed: spec.resourceAttributes.resource === 'services' } };
      },
    });
    const cluster = await state();
    const question = { verb: 'create', group: '', namespace: 'linkerd' };
    expect(await cluster.may({ ...question, resource: 'services' })).toBe(true);
    expect(await cluster.may({ ...question, resource: 'secrets' })).toBe(false);
    expect(server.requests[0]?.body).toMatchObject({
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'create', group: '', resource: 'services', namespace: 'linkerd' } },
    });
  });

  it('reads the clock of the server from its answers', async () => {
    server = await startApiServer({ '/version': { gitVersion: 'v1.34.0' } });
    expect(Math.abs(await (await state()).serverClockAhead())).toBeLessThan(5000);
  });
});
