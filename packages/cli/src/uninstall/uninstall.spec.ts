import { afterEach, describe, expect, it } from '@jest/globals';
import { testPod } from '../check/state.builder.ts';
import { startApiServer, type TestApiServer } from '../cluster/api-server.builder.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { findInstallation, podsStillMeshed } from './find-installation.ts';

describe('what an uninstallation removes', () => {
  let server: TestApiServer | undefined;
  afterEach(() => server?.close());

  it('is everything with the label, as kind and name, but not what is marked to stay', async () => {
    server = await startApiServer({
      '/apis/rbac.authorization.k8s.io/v1/clusterroles': {
        items: [{ metadata: { name: 'linkerd-policy' }, rules: [] }],
      },
      '/apis/rbac.authorization.k8s.io/v1/roles': {
        items: [{ metadata: { name: 'r', namespace: 'kube-system' } }],
      },
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions': {
        items: [
          { metadata: { name: 'servers.policy.linkerd.io' } },
          { metadata: { name: 'httproutes', annotations: { 'helm.sh/resource-policy': 'keep' } } },
        ],
      },
      '/api/v1/namespaces': { items: [{ metadata: { name: 'mesh' } }] },
    });
    const cluster = await openCluster({ linkerdNamespace: 'mesh', apiAddr: server.address });
    expect(await findInstallation(cluster, 'mesh', new AbortController().signal)).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'linkerd-policy' },
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'r', namespace: 'kube-system' },
      },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'servers.policy.linkerd.io' },
      },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mesh' } },
    ]);
    expect(new Set(server.requests.map(({ query }) => query.get('labelSelector')))).toEqual(
      new Set(['linkerd.io/control-plane-ns=mesh']),
    );
  });

  it('would hit pods that still have a proxy', () => {
    const pods = [
      testPod({ name: 'web' }),
      testPod({ name: 'plain', proxy: false }),
      testPod({ name: 'done', status: { phase: 'Succeeded' } }),
      testPod({ name: 'own', namespace: 'linkerd' }),
    ];
    expect(podsStillMeshed(pods, 'linkerd')).toEqual(['shop/web']);
  });
});
