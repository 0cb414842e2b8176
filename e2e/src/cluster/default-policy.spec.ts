import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../harness/wait-for.ts';
import { FELT_WITHIN_MS, feltAfter } from './harness/felt.ts';
import { installed } from './harness/installation.ts';
import { aDeployment, aService, IDLE, serverOn } from './harness/manifests.ts';
import { TestNamespace } from './harness/test-namespace.ts';

const DEFAULT_POLICY = 'config.linkerd.io/default-inbound-policy';

/** An address that no cluster has: it is for documentation (RFC 5737). */
const OUTSIDE = '203.0.113.7';

/** Whom each default policy lets in: a client of the mesh, one of the cluster, one from elsewhere. */
const DEFAULT_POLICIES = {
  'all-unauthenticated': [200, 200, 200],
  'all-authenticated': [200, 403, 403],
  'cluster-unauthenticated': [200, 200, 403],
  'cluster-authenticated': [200, 403, 403],
  audit: [200, 200, 200],
  deny: [403, 403, 403],
} as const;

/** A kubelet asks it whether it is ready. */
const PROBED = {
  ports: [{ name: 'http', containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
  livenessProbe: { httpGet: { path: '/livez', port: 8080 }, periodSeconds: 1, failureThreshold: 2 },
};

/** On the node's own network, with an address from outside of the cluster. */
const OUTSIDER = {
  hostNetwork: true,
  containers: [
    {
      name: 'outsider',
      image: 'weft/debug:0.1.0',
      command: [
        'sh',
        '-c',
        `ip addr add ${OUTSIDE}/32 dev lo; trap 'ip addr del ${OUTSIDE}/32 dev lo; exit' TERM; while :; do sleep 1 & wait; done`,
      ],
      securityContext: { capabilities: { add: ['NET_ADMIN'] } },
    },
  ],
};

describe('the default policy', () => {
  let namespace: TestNamespace;

  beforeAll(async () => {
    await installed();
    namespace = await TestNamespace.create('default-policy', 'enabled');
    // Whoever says nothing else gets the namespace's.
    await namespace.kubectl(['annotate', 'namespace', namespace.name, `${DEFAULT_POLICY}=deny`]);
    const policies = Object.keys(DEFAULT_POLICIES);
    await namespace.apply(
      aDeployment('meshed', IDLE),
      aDeployment('legacy', IDLE, { annotations: { 'linkerd.io/inject': 'disabled' } }),
      aDeployment('outsider', '', { spec: OUTSIDER }),
      ...policies.flatMap((policy) => [
        aDeployment(policy, serverOn(8080), {
          annotations: policy === 'deny' ? {} : { [DEFAULT_POLICY]: policy },
          container: PROBED,
        }),
        aService(policy, [{ port: 80, targetPort: 'http' }]),
      ]),
    );
    await namespace.ready();
    // A client without a proxy depends on the node's own rules, which may be a moment behind what is ready.
    for (const policy of policies)
      await waitFor(`${policy} is reached by its service`, 20_000, async () =>
        Number.isInteger(await ask('legacy', `http://${policy}/`)),
      );
  });
  afterAll(() => namespace?.delete());

  const ask = async (client: string, url: string) =>
    Number(await namespace.inside(client, 'status.mjs', url));

  /** A client from outside asks a pod by its address. */
  async function askFromOutside(workload: string): Promise<number> {
    const server = await namespace.pod(workload);
    const client = await namespace.pod('outsider');
    const { stdout } = await namespace.exec(client.metadata.name, 'outsider', [
      ...['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '5'],
      ...['--interface', OUTSIDE, `http://${server.status.podIP}:8080/`],
    ]);
    return Number(stdout);
  }

  it.each(Object.entries(DEFAULT_POLICIES))(
    '%s answers the mesh, the cluster and the world with %j',
    async (policy, expected) => {
      const url = `http://${policy}/`;
      expect([await ask('meshed', url), await ask('legacy', url), await askFromOutside(policy)]).toEqual(
        expected,
      );
    },
  );

  it('leaves the kubelet its probes, and their paths alone', async () => {
    const { status } = await namespace.pod('deny');
    expect(status.containerStatuses!.map(({ restartCount }) => restartCount)).toEqual([0]);
    expect(await ask('legacy', 'http://deny/healthz')).toBe(200);
    expect(await ask('legacy', 'http://deny/livez')).toBe(200);
    expect(await ask('legacy', 'http://deny/livez/more')).toBe(403);
  });

  it('follows the annotation of a running pod', async () => {
    const pod = await namespace.pod('deny');
    const felt = (policy: string, status: string) =>
      feltAfter(namespace, { client: 'legacy', url: 'http://deny/', status }, () =>
        namespace.kubectl([
          'annotate',
          'pod',
          pod.metadata.name,
          '--overwrite',
          `${DEFAULT_POLICY}=${policy}`,
        ]),
      );
    expect(await felt('all-unauthenticated', '200')).toBeLessThan(FELT_WITHIN_MS);
    expect(await felt('all-authenticated', '403')).toBeLessThan(FELT_WITHIN_MS);
    // What is no policy counts for nothing: the cluster's default stands.
    expect(await felt('denny', '200')).toBeLessThan(FELT_WITHIN_MS);
    expect(await felt('deny', '403')).toBeLessThan(FELT_WITHIN_MS);
  });
});
