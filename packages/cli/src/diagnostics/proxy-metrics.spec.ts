import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testPod } from '../check/state.builder.ts';
import { localCluster } from '../cluster/local-cluster.builder.ts';
import { parseResource, podsOf } from '../mesh/resolve-pods.ts';
import { obfuscate } from './obfuscate.ts';
import { proxyMetricsOf } from './proxy-metrics.ts';

const { signal } = new AbortController();

describe('metrics of proxies', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  it('come one pod after the other, with an error in the place of one that is away', async () => {
    server = createServer((request, response) => {
      // As a proxy, which refuses a Host that is none.
      const isKnown = request.url === '/metrics' && request.headers.host === 'localhost:5191';
      response.writeHead(isKnown ? 200 : 400).end(isKnown ? 'request_total{authority="web.shop"} 1\n' : '');
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const ports = [{ name: 'linkerd-admin', containerPort: 5191 }];
    const pods = [
      testPod({ name: 'web-1', proxy: { ports } }),
      testPod({ name: 'web-2' }),
      testPod({ name: 'plain', proxy: false }),
    ];
    const parts = [];
    for await (const part of proxyMetricsOf(localCluster({ ports: { 'web-1:5191': port } }), pods, {
      hide: false,
      signal,
    }))
      parts.push(part);
    expect(parts).toEqual([
      { text: '#\n# POD web-1 (1 of 3)\n#\nrequest_total{authority="web.shop"} 1\n\n', failed: false },
      { text: '#\n# POD web-2 (2 of 3)\n#\n# ERROR no connection to web-2:4191\n', failed: true },
      { text: '#\n# POD plain (3 of 3)\n#\n# ERROR it has no proxy\n', failed: true },
    ]);
  });

  it('hide who talks to whom, the same for the same', () => {
    const [one, two] = obfuscate('a{authority="x",direction="outbound"} 1\na{dst_service="x"} 2').split('\n');
    expect(one).toMatch(/^a\{authority="[0-9a-f]{16}",direction="outbound"\} 1$/);
    expect(/"([0-9a-f]{16})"/.exec(two!)?.[1]).toBe(/"([0-9a-f]{16})"/.exec(one!)?.[1]);
  });
});

describe('the pods of a workload', () => {
  const cluster = localCluster({
    objects: {
      '/apis/apps/v1/namespaces/shop/deployments/web': {
        spec: { selector: { matchLabels: { app: 'web' } } },
      },
      '/api/v1/namespaces/shop/services/web': { spec: { selector: { app: 'web' } } },
      '/api/v1/namespaces/shop/pods/web-1': testPod({ name: 'web-1' }),
    },
    lists: {
      '/api/v1/namespaces/shop/pods': [
        testPod({ name: 'web-2' }),
        testPod({ name: 'web-1' }),
        testPod({ name: 'old', status: { phase: 'Failed' } }),
      ],
    },
  });
  const names = async (resource: string) =>
    (await podsOf(cluster, parseResource(resource), 'shop', signal)).map(
      ({ metadata }) => (metadata as { name: string }).name,
    );

  it('are those its selector picks and that run, or the pod itself', async () => {
    expect(await names('deploy/web')).toEqual(['web-1', 'web-2']);
    expect(await names('services/web')).toEqual(['web-1', 'web-2']);
    expect(await names('pod/web-1')).toEqual(['web-1']);
  });
});
