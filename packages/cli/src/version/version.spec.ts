import { afterEach, describe, expect, it } from '@jest/globals';
import { startApiServer, type TestApiServer } from '../cluster/api-server.builder.ts';
import type { JsonObject } from '../manifest/json.ts';
import { proxyVersionOf } from '../mesh/meshed-pod.ts';
import { findVersions, type VersionFlags } from './find-versions.ts';
import { renderVersions } from './render-versions.ts';

const pod = (image: string, annotations = {}): JsonObject => ({
  metadata: { annotations },
  spec: { initContainers: [{ name: 'linkerd-proxy', image }], containers: [{ name: 'web', image: 'web:1' }] },
});

describe('weft version', () => {
  let server: TestApiServer | undefined;
  afterEach(() => server?.close());
  const print = async (flags: VersionFlags, short = false) =>
    renderVersions(await findVersions(flags, new AbortController().signal), short);

  it('prints the versions of program, control plane and proxies', async () => {
    server = await startApiServer({
      '/api/v1/namespaces/linkerd/configmaps/linkerd-config': { data: { values: 'linkerdVersion: v7' } },
      '/api/v1/namespaces/shop/pods': ({ query }) => ({
        items:
          query.get('labelSelector') === 'linkerd.io/control-plane-ns=linkerd'
            ? [pod('p:v6'), pod('p:v7'), pod('p:v7')]
            : [],
      }),
    });
    const text = await print({
      linkerdNamespace: 'linkerd',
      apiAddr: server.address,
      proxy: true,
      namespace: 'shop',
    });
    expect(text).toMatch(
      /^Client version: \d+\.\d+\.\d+\nServer version: v7\nProxy versions:\n\tv6 \(1 pod\)\n\tv7 \(2 pods\)\n$/,
    );
  });

  it('does not fail where there is no cluster', async () => {
    const flags = { linkerdNamespace: 'linkerd', apiAddr: '127.0.0.1:1' };
    expect(await print(flags, true)).toMatch(/^\d+\.\d+\.\d+\nunavailable\n$/);
  });

  it('prints what was asked for alone', () => {
    expect(renderVersions({ client: '1' }, false)).toBe('Client version: 1\n');
    expect(renderVersions({ client: '1', server: '2', proxies: new Map() }, true)).toBe(
      '1\n2\nProxy versions: unavailable\n',
    );
  });
});

describe('the version of a proxy', () => {
  it.each([
    ['its annotation', pod('proxy:v1', { 'linkerd.io/proxy-version': 'v2' }), 'v2'],
    ['the tag of its image', pod('registry:5000/proxy:v1'), 'v1'],
    ['the tag before a digest', pod('proxy:v1@sha256:00'), 'v1'],
    ['nothing that is known', pod('registry:5000/proxy'), 'unknown'],
    ['no proxy at all', { spec: { containers: [{ name: 'web', image: 'web:1' }] } }, ''],
  ])('is that of %s', (_, of, version) => {
    expect(proxyVersionOf(of)).toBe(version);
  });
});
