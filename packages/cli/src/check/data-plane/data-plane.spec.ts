import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../manifest/json.ts';
import { anchorFor } from '../certificates/material.builder.ts';
import type { Check } from '../engine/check.ts';
import { contextOf, NOW, outcomeOf, type TestState, testPod } from '../state.builder.ts';
import { injection, podsWithoutProxy } from './injection.ts';
import { leafProblem } from './leaves.ts';
import { dataPlane, dataPlaneIdentity } from './proxies.ts';

const passed = { kind: 'passed' };
const namespace = (name: string, annotations: JsonObject = {}, labels: JsonObject = {}): JsonObject => ({
  metadata: { name, annotations, labels },
});

describe('pods that ask for injection and lack it', () => {
  const unmeshed = (name: string, more: JsonObject = {}) =>
    ({ ...testPod({ name, proxy: false, ...more }) }) as JsonObject;
  const enabled = { 'linkerd.io/inject': 'enabled' };
  const find = (pods: JsonObject[], namespaces: JsonObject[], values: JsonObject = {}) =>
    podsWithoutProxy({ pods, namespaces, values, linkerdNamespace: 'linkerd' });

  it('finds those whose namespace or own annotation asks', () => {
    expect(find([unmeshed('web')], [namespace('shop', enabled)])).toEqual(['shop/web']);
    expect(find([unmeshed('web', { annotations: enabled })], [namespace('shop')])).toEqual(['shop/web']);
    expect(find([unmeshed('web')], [namespace('shop')])).toEqual([]);
  });

  it.each([
    ['has a proxy', testPod({ name: 'web' })],
    ['opted out', unmeshed('web', { annotations: { 'linkerd.io/inject': 'disabled' } })],
    ['is on the network of its host', unmeshed('web', { spec: { hostNetwork: true } })],
    ['has ended', unmeshed('web', { status: { phase: 'Succeeded' } })],
    [
      'is of the control plane',
      unmeshed('web', { labels: { 'linkerd.io/control-plane-component': 'identity' } }),
    ],
  ])('leaves out a pod that %s', (_, pod) => {
    expect(find([pod], [namespace('shop', enabled)])).toEqual([]);
  });

  it('leaves out namespaces that the webhook is never asked about', () => {
    const off = namespace('shop', enabled, { 'config.linkerd.io/admission-webhooks': 'disabled' });
    expect(find([unmeshed('web')], [off])).toEqual([]);
    expect(
      find([unmeshed('dns', { namespace: 'kube-system' })], [namespace('kube-system', enabled)]),
    ).toEqual([]);
  });

  it('knows an installation that injects by default, and what it excepts', () => {
    const values = { proxyInjector: { injectByDefault: { enabled: true, exceptNamespaces: ['bank'] } } };
    const pods = ['shop', 'bank', 'kube-public', 'linkerd'].map((name) =>
      unmeshed('web', { namespace: name }),
    );
    const namespaces = ['shop', 'bank', 'kube-public', 'linkerd'].map((name) => namespace(name));
    expect(find(pods, namespaces, values)).toEqual(['shop/web']);
    expect(find(pods, [namespace('shop', { 'linkerd.io/inject': 'disabled' })], values)).toEqual([]);
  });

  it('says why the injector refuses a pod', () => {
    const annotations = { ...enabled, 'config.linkerd.io/proxy-log-http-headers': 'all' };
    expect(find([unmeshed('web', { annotations })], [namespace('shop')])).toEqual([
      expect.stringMatching(/^shop\/web: .*proxy-log-http-headers.*"all"/),
    ]);
  });

  it('is a warning of the check, for one namespace where that is asked', async () => {
    const state = {
      values: { linkerdVersion: 'v1' },
      lists: {
        '/api/v1/pods': [unmeshed('web'), unmeshed('web', { namespace: 'bank' })],
        '/api/v1/namespaces': [namespace('shop', enabled), namespace('bank', enabled)],
      },
    };
    const [check] = injection.checks;
    expect(check?.severity).toBe('warning');
    expect(await outcomeOf(check!, contextOf(state))).toMatchObject({ problem: 'shop/web\nbank/web' });
    expect(await outcomeOf(check!, contextOf(state, { dataPlaneNamespace: 'bank' }))).toMatchObject({
      problem: 'bank/web',
    });
  });
});

describe('checks of the proxies', () => {
  const find = (description: string): Check =>
    [...dataPlane.checks, ...dataPlaneIdentity.checks].find((one) => one.description === description)!;
  const look = (description: string, pods: JsonObject[], more: TestState = {}) =>
    outcomeOf(
      find(description),
      contextOf({ values: { linkerdVersion: 'v1' }, lists: { '/api/v1/pods': pods }, ...more }),
    );

  it('waits for proxies that are not ready', async () => {
    const status = (ready: boolean, state: JsonObject = {}) => ({
      initContainerStatuses: [{ name: 'linkerd-proxy', ready, state }],
    });
    const description = 'data plane proxies are ready';
    expect(await look(description, [testPod({ status: status(true) })])).toEqual(passed);
    expect(
      await look(description, [
        testPod({ status: status(false, { waiting: { reason: 'ImagePullBackOff' } }) }),
      ]),
    ).toMatchObject({ problem: 'the proxy of shop/web is not ready: ImagePullBackOff' });
    expect(await look(description, [testPod()])).toMatchObject({
      problem: expect.stringMatching(/not ready yet/),
    });
    expect(find(description)).toMatchObject({ retry: true, severity: 'fatal' });
  });

  it('compares versions with those of the control plane and of this program', async () => {
    const pods = [testPod(), testPod({ name: 'old', proxy: { image: 'proxy:v0' } })];
    expect(await look('data plane is up-to-date', pods)).toMatchObject({
      problem: 'shop/old (v0) is not v1',
    });
    expect(await look('data plane and cli versions match', pods)).toMatchObject({
      problem: 'shop/old (v0) but cli running v1',
    });
    expect(await look('data plane is up-to-date', [testPod()])).toEqual(passed);
  });

  it('compares anchors as certificates, not as text', async () => {
    const [one, two] = [anchorFor(1000).certChainPem, anchorFor(1000).certChainPem];
    const trusting = (name: string, value: string) =>
      testPod({ name, proxy: { env: [{ name: 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS', value }] } });
    const description = 'data plane proxies certificate match CA';
    const anchorsPem = `${one}${two}`;
    expect(
      await look(description, [trusting('a', `${two.trim()}\n\n${one}`), testPod()], { anchorsPem }),
    ).toEqual(passed);
    expect(await look(description, [trusting('a', one)], { anchorsPem })).toMatchObject({
      problem: 'shop/a trusts other anchors than those in force',
    });
  });

  it('finds configuration written as labels, and labels written as annotations', async () => {
    const labels = {
      'config.linkerd.io/admin-port': '1',
      'linkerd.io/inject': 'enabled',
      'linkerd.io/workload-ns': 'shop',
    };
    expect(await look('data plane pod labels are configured correctly', [testPod({ labels })])).toMatchObject(
      {
        problem:
          'shop/web: config.linkerd.io/admin-port is an annotation, not a label\nshop/web: linkerd.io/inject is an annotation, not a label',
      },
    );
    const service = {
      metadata: { namespace: 'shop', name: 'db', annotations: { 'mirror.linkerd.io/exported': 'true' } },
    };
    const lists = { '/api/v1/services': [service] };
    expect(
      await look('data plane service annotations are configured correctly', [], { lists }),
    ).toMatchObject({
      problem: 'shop/db: mirror.linkerd.io/exported is a label, not an annotation',
    });
  });

  it('asks proxies for their certificates, and says which cannot be asked', async () => {
    const expires = (inMs: number) =>
      `control_identity_cert_expiration_timestamp_seconds ${(NOW + inMs) / 1000}\n`;
    const metrics = (pod: JsonObject) => {
      if ((pod.metadata as JsonObject).name === 'gone') throw new Error('no connection');
      return expires((pod.metadata as JsonObject).name === 'old' ? -1000 : 3_600_000);
    };
    const pods = ['web', 'old', 'gone'].map((name) => testPod({ name }));
    const objects = { '/api/v1/namespaces/shop/pods/gone': testPod({ name: 'gone' }) };
    expect(
      await look('data plane proxies have valid certificates', pods, { metrics, objects }),
    ).toMatchObject({
      problem:
        'shop/gone cannot be asked: no connection\nshop/old has a certificate that expired at 2025-12-31T23:59:59.000Z',
    });
  });

  it.each<[string, Record<string, JsonObject>]>([
    ['is gone', {}],
    ['is being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    ['has ended', { status: { phase: 'Succeeded' } }],
    ['has done its work', { status: { containerStatuses: [{ name: 'app', state: { terminated: {} } }] } }],
  ])('holds nothing against a proxy that cannot be asked because its pod %s by now', async (_, change) => {
    const pod = testPod({ name: 'job' });
    const metrics = () => {
      throw new Error('no connection');
    };
    const path = '/api/v1/namespaces/shop/pods/job';
    const objects = Object.keys(change).length === 0 ? {} : { [path]: { ...pod, ...change } };
    expect(await look('data plane proxies have valid certificates', [pod], { metrics, objects })).toEqual(
      passed,
    );
  });

  it.each([
    ['nothing', '', 'has no certificate'],
    ['no certificate yet', 'identity_cert_expiration_timestamp_seconds 0', 'has no certificate'],
    [
      'the name older proxies use',
      `identity_cert_expiration_timestamp_seconds{a="b"} ${NOW / 1000 + 60}`,
      undefined,
    ],
    [
      'a renewal in time',
      `control_identity_cert_expiration_timestamp_seconds ${NOW / 1000 + 300}\ncontrol_identity_cert_refresh_timestamp_seconds ${NOW / 1000 - 700}`,
      undefined,
    ],
    [
      'a renewal that failed',
      `control_identity_cert_expiration_timestamp_seconds ${NOW / 1000 + 7200}\ncontrol_identity_cert_refresh_timestamp_seconds ${NOW / 1000 - 79200}`,
      'should have renewed its certificate, which expires in 2 hours',
    ],
  ])('reads %s in the metrics', (_, text, problem) => {
    expect(leafProblem(text, NOW)).toBe(problem);
  });
});
