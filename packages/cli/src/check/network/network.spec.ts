import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../manifest/json.ts';
import { contextOf, testPod } from '../state.builder.ts';
import { guide, testPolicy, toNamespace } from './network.builder.ts';
import { networkPolicies } from './network-checks.ts';

const component = (name: string, ip: string) =>
  testPod({
    namespace: 'linkerd',
    name: `linkerd-${name}`,
    labels: { 'linkerd.io/control-plane-component': name },
    ip,
    proxy: false,
  });

const cluster = [
  component('identity', '10.1.0.1'),
  component('destination', '10.1.0.2'),
  testPod({
    namespace: 'kube-system',
    name: 'coredns',
    labels: { 'k8s-app': 'kube-dns' },
    ip: '10.1.0.3',
    proxy: false,
  }),
];

const namespaces = ['shop', 'linkerd', 'kube-system', 'bank'].map((name) => ({
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
}));

const web = testPod({ name: 'web', ports: [{ name: 'http', containerPort: 8080 }] });
const api = testPod({ name: 'api', labels: { app: 'api' }, ip: '10.0.0.2' });

/** The sentences of the check for these policies and meshed pods. */
async function problems(
  policies: readonly JsonObject[],
  meshed: readonly JsonObject[] = [web],
  values: JsonObject = { a: 1 },
) {
  const lists = {
    '/api/v1/pods': [...cluster, ...meshed],
    '/api/v1/namespaces': namespaces,
    '/apis/networking.k8s.io/v1/networkpolicies': policies,
  };
  const outcome = await networkPolicies.checks[0]!.run(contextOf({ lists, values }));
  return outcome.kind === 'failed' ? outcome.problem.split('\n') : outcome.kind;
}

/** A policy as the API server stores it: policyTypes filled in. */
const stored = (policy: JsonObject, metadata: JsonObject = {}) => ({
  metadata: { ...(policy.metadata as JsonObject), ...metadata },
  spec: { ...(policy.spec as JsonObject), policyTypes: ['Ingress', 'Egress'] },
});

const named = (policy: JsonObject): JsonObject => ({
  spec: { ...(policy.spec as JsonObject), policyTypes: ['Egress'] },
});
const corrected = { ...guide.controlPlane, ...named(guide.controlPlane) };

describe('network policies', () => {
  it('is skipped where there are none', async () => {
    expect(await problems([])).toBe('skipped');
  });

  it('recognises that the first policy of the guide also cuts off all ingress, and says what to add', async () => {
    const sentence = (why: string) =>
      `network policy shop/allow-linkerd-control-plane-egress ${why}; having no ingress rules, it also cuts off all ingress that no other policy allows: add "policyTypes: [Egress]"`;
    const written = 'lacks policyTypes, so Kubernetes applies it to Ingress as well as to Egress';
    const policies = (first: JsonObject) => [first, guide.dns, guide.denyAll];
    expect(await problems(policies(guide.controlPlane))).toEqual([sentence(written)]);
    const applied = {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(guide.controlPlane) },
    };
    expect(await problems(policies(stored(guide.controlPlane, applied)))).toEqual([sentence(written)]);
    expect(await problems(policies(stored(guide.controlPlane)))).toEqual([
      sentence(
        'applies to Ingress as well as to Egress, as Kubernetes assumes where policyTypes is left out',
      ),
    ]);
  });

  it('finds nothing wrong about the three policies once they are corrected', async () => {
    expect(await problems([corrected, guide.dns, guide.denyAll])).toBe('passed');
  });

  it('takes an author at his word who names both types', async () => {
    const policy = stored(guide.controlPlane);
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(policy) };
    expect(await problems([{ ...policy, metadata: { ...policy.metadata, annotations } }, guide.dns])).toBe(
      'passed',
    );
  });

  it('says who cannot reach what, by which policies', async () => {
    expect(await problems([guide.denyAll])).toEqual([
      'shop/web cannot reach linkerd-identity (TCP 8080): no egress rule of shop/default-deny-all allows it',
      'shop/web cannot reach linkerd-destination (TCP 8086 and TCP 8090): no egress rule of shop/default-deny-all allows it',
      'shop/web cannot reach the DNS of the cluster (UDP 53 and TCP 53): no egress rule of shop/default-deny-all allows it',
    ]);
    const halfDns = testPolicy('dns', {
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
    });
    expect(await problems([halfDns, corrected])).toEqual([
      'shop/web cannot reach the DNS of the cluster (TCP 53): no egress rule of shop/dns, shop/allow-linkerd-control-plane-egress allows it',
    ]);
  });

  it('names replicas once', async () => {
    const replica = (name: string, hash: string) =>
      testPod({ name, labels: { app: 'web', 'pod-template-hash': hash } });
    const found = await problems(
      [guide.denyAll],
      [replica('web-1', 'a'), replica('web-2', 'a'), replica('web-3', 'b')],
    );
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/^shop\/web-1 and 2 like it cannot reach/);
  });

  it('looks only at pods that a policy selects, in its own namespace', async () => {
    const other = testPolicy('other', {
      policyTypes: ['Egress'],
      podSelector: { matchLabels: { app: 'mail' } },
    });
    const elsewhere = testPolicy('elsewhere', { policyTypes: ['Egress'] }, { namespace: 'bank' });
    expect(await problems([other, elsewhere])).toBe('passed');
  });

  it.each([
    [
      'ports of the control plane',
      { to: [toNamespace('linkerd')], ports: [{ port: 8080 }, { port: 8086, endPort: 8090 }] },
    ],
    ['its addresses', { to: [{ ipBlock: { cidr: '10.1.0.0/16', except: ['10.1.9.0/24'] } }] }],
    ['everybody', {}],
  ])('understands a rule for %s', async (_, rule) => {
    const policy = testPolicy('p', { policyTypes: ['Egress'], egress: [rule as JsonObject] });
    expect(await problems([policy, guide.dns])).toBe('passed');
  });

  it('does not count an address that is excepted', async () => {
    const block = { cidr: '10.1.0.0/16', except: ['10.1.0.1/32'] };
    const policy = testPolicy('p', { policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: block }] }] });
    expect(await problems([policy])).toEqual([
      expect.stringMatching(/^shop\/web cannot reach linkerd-identity/),
    ]);
  });

  it('finds ingress that opens the application’s port but not the one on which meshed pods connect', async () => {
    const rule = (ports: JsonObject[]) =>
      testPolicy('web', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ ports }] });
    const sentence =
      'network policy shop/web opens ports of the application but not 4143, on which meshed pods connect: shop/api cannot reach shop/web; allow TCP 4143 as well';
    expect(await problems([rule([{ port: 'http' }])], [web, api])).toEqual([sentence]);
    expect(await problems([rule([{ port: 'http' }, { port: 4143 }])], [web, api])).toBe('passed');
    for (const aside of [{ port: 53 }, { port: 4191 }, { port: 9999, protocol: 'UDP' }]) {
      expect(await problems([rule([aside])], [web, api])).toBe('passed');
    }
    const transparent = { proxy: { outboundTransportMode: 'transparent' } };
    expect(await problems([rule([{ port: 'http' }])], [web, api], transparent)).toBe('passed');
  });

  it('finds the same for egress, and knows what another policy allows', async () => {
    const toApi = testPolicy('to-api', {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ port: 8080 }] }],
    });
    const base = [corrected, guide.dns];
    expect(await problems([...base, toApi], [web, api])).toEqual([
      expect.stringMatching(
        /^network policy shop\/to-api .*: shop\/web cannot reach shop\/api; allow TCP 4143/,
      ),
    ]);
    const mesh = testPolicy('mesh', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: 4143 }] }],
    });
    expect(await problems([...base, toApi, mesh], [web, api])).toBe('passed');
  });
});
