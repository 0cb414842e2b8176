import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '../harness/folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { capture, isReadable, portsReached } from './harness/capture.ts';
import { installed } from './harness/installation.ts';
import { peer, SNIFFER } from './harness/peer.ts';
import { TestNamespace } from './harness/test-namespace.ts';
import { tryWeft } from './harness/weft.ts';

const RECIPES = ['allow-linkerd-control-plane-egress', 'egress-kube-dns', 'default-deny-all'];
const DISABLED = { 'linkerd.io/inject': 'disabled' };

/** The guide's first policy as it is printed. */
const PRINTED = `
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata:
  name: allow-linkerd-control-plane-egress
spec:
  podSelector: {}
  egress:
  - to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: linkerd
`;

/** Each step adds to what the ones before have applied, as somebody would who follows the guide. */
describe('network policies, as the guide has them', () => {
  let mesh: TestNamespace;
  let others: TestNamespace;
  let monitoring: TestNamespace;
  const containers = [SNIFFER];

  beforeAll(async () => {
    await installed();
    [mesh, others, monitoring] = await Promise.all([
      TestNamespace.create('recipes-policies', 'enabled'),
      TestNamespace.create('recipes-policies-others', 'enabled'),
      TestNamespace.create('monitoring'),
    ]);
    await mesh.kubectl(['apply', '-f', '-'], PRINTED);
    await applyPolicies('egress-kube-dns', 'default-deny-all');
    const plain = { containers, annotations: DISABLED };
    await Promise.all([
      mesh.apply(...peer('client', { containers }), ...peer('server', { containers })),
      others.apply(...peer('neighbour', { containers }), ...peer('plain', plain)),
      monitoring.apply(
        ...peer('prometheus', { containers, labels: { 'app.kubernetes.io/name': 'prometheus' } }),
        ...peer('grafana', { containers }),
      ),
    ]);
    // With certificates, and with names resolved: their proxies are ready.
    await Promise.all([mesh, others, monitoring].map((namespace) => namespace.ready()));
  });
  afterAll(() => Promise.all([mesh, others, monitoring].map((namespace) => namespace?.delete())));

  async function applyPolicies(...names: readonly string[]): Promise<void> {
    const files = names.map((name) => join(root, 'deploy', 'network-policies', `${name}.yaml`));
    await mesh.kubectl(['apply', ...files.flatMap((file) => ['-f', file])]);
  }

  /** The status of the answer; 000 where nothing accepts the connection within a few seconds. */
  async function ask(from: TestNamespace, workload: string, url: string): Promise<string> {
    const { metadata } = await from.pod(workload);
    const limits = ['--connect-timeout', '3', '--max-time', '15'];
    const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...limits, url];
    return (await from.exec(metadata.name, 'sniffer', curl)).stdout;
  }

  /** A policy is in force soon, and a proxy that could not connect tries again some seconds later. */
  function becomes(status: string, from: TestNamespace, workload: string, url: string): Promise<boolean> {
    const what = `${workload} gets ${status} of ${url}`;
    return waitFor(what, 20_000, async () => (await ask(from, workload, url)) === status);
  }

  /** What a proxy answers for a peer that it cannot reach. */
  const UNREACHABLE = /^50[234]$/;
  const SILENCE = '000';
  const SERVER = 'http://server.recipes-policies:8080/';
  const NEIGHBOUR = 'http://neighbour.recipes-policies-others:8080/';
  const PLAIN = 'http://plain.recipes-policies-others:8080/';

  it('the first one as printed: it takes all ingress as well, and weft check says exactly that', async () => {
    expect(await ask(others, 'plain', SERVER)).toBe(SILENCE);
    expect(await ask(others, 'neighbour', SERVER)).toMatch(UNREACHABLE);
    const { status, stdout } = await tryWeft(['check']);
    expect(status).toBe(0);
    expect(stdout).toContain(
      'network policy recipes-policies/allow-linkerd-control-plane-egress lacks policyTypes, so Kubernetes applies it to Ingress as well as to Egress; having no ingress rules, it also cuts off all ingress that no other policy allows: add "policyTypes: [Egress]"',
    );
  });

  it('allow-linkerd-control-plane-egress, mended: what comes in is let in again, and weft check is content', async () => {
    await applyPolicies(...RECIPES);
    await becomes('200', others, 'plain', SERVER);
    await becomes('200', others, 'neighbour', SERVER);
    expect((await tryWeft(['check'])).stdout).not.toContain('recipes-policies/');
  });

  it('allow-linkerd-control-plane-egress and egress-kube-dns: new pods get names, certificates and endpoints', async () => {
    await mesh.kubectl(['rollout', 'restart', 'deploy']);
    await mesh.ready(60);
    const { metadata } = await mesh.pod('client');
    const name = ['getent', 'hosts', 'server.recipes-policies.svc.cluster.local'];
    expect((await mesh.exec(metadata.name, 'sniffer', name)).status).toBe(0);
    const { stdout } = await tryWeft(['identity', '-n', mesh.name, metadata.name]);
    expect(stdout).toContain('default.recipes-policies.serviceaccount.identity.linkerd.cluster.local');
  });

  it('default-deny-all: nothing else leaves', async () => {
    expect(await ask(mesh, 'client', SERVER)).toMatch(UNREACHABLE);
    expect(await ask(mesh, 'client', NEIGHBOUR)).toMatch(UNREACHABLE);
    expect(await ask(mesh, 'client', PLAIN)).toMatch(UNREACHABLE);
    const { status } = await others.pod('plain');
    expect(await ask(mesh, 'client', `http://${status.podIP}:8080/`)).toMatch(UNREACHABLE);
  });

  it('allow-mesh-egress: proxies reach each other on 4143, and pods without one stay out of reach', async () => {
    await applyPolicies('allow-mesh-egress');
    await becomes('200', mesh, 'client', SERVER);
    await becomes('200', mesh, 'client', NEIGHBOUR);
    expect(await ask(mesh, 'client', PLAIN)).toMatch(UNREACHABLE);
  });

  it('allow-mesh-ingress: meshed callers come in, encrypted on 4143, and nobody else', async () => {
    await applyPolicies('allow-mesh-ingress');
    await becomes(SILENCE, others, 'plain', SERVER);
    // Connections that were open may stay so; a new client has none.
    await others.kubectl(['rollout', 'restart', 'deploy/neighbour']);
    await others.ready(60);
    const [neighbour, server] = [await others.pod('neighbour'), await mesh.pod('server')];
    const packets = await capture(
      mesh,
      'server',
      async () => expect(await ask(others, 'neighbour', `${SERVER}secret-page`)).toBe('200'),
      'sniffer',
    );
    expect(portsReached(packets, neighbour.status.podIP!, server.status.podIP!)).toEqual([4143]);
    expect(isReadable(packets, 'secret-page')).toBe(false);
    expect(await ask(mesh, 'client', SERVER)).toBe('200');
  });

  it('allow-prometheus-ingress: Prometheus reads the metrics on 4191, and nothing else does', async () => {
    const { status } = await mesh.pod('server');
    const metrics = `http://${status.podIP}:4191/metrics`;
    expect(await ask(monitoring, 'prometheus', metrics)).toBe(SILENCE);
    await applyPolicies('allow-prometheus-ingress');
    await becomes('200', monitoring, 'prometheus', metrics);
    expect(await ask(monitoring, 'grafana', metrics)).toBe(SILENCE);
    expect(await ask(monitoring, 'prometheus', `http://${status.podIP}:8080/`)).toBe(SILENCE);
    expect(await ask(others, 'plain', metrics)).toBe(SILENCE);
  });
});
