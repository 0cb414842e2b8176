import { describe, expect, it } from '@jest/globals';
import type { AdmissionDecision } from '@weft/admission';
import { applyPatch } from '../apply-patch.ts';
import type { PatchOperation } from '../patch.ts';
import { pod } from '../pod.builder.ts';
import type { Workload } from '../workload.ts';
import { aReference, aWebhook, ownedPod, podOfDeployment } from './webhook.builder.ts';

const ENABLED = { 'linkerd.io/inject': 'enabled' };
const DISABLED = { 'linkerd.io/inject': 'disabled' };
const byDefault = { enabled: true, exceptNamespaces: ['cert-manager'] };

interface Patched {
  metadata: { annotations: Record<string, string>; labels: Record<string, string> };
  spec: { initContainers?: { name: string }[] };
}

function patched(object: Workload, decision: AdmissionDecision): Patched {
  if (decision.kind === 'denied') throw new Error(decision.message);
  return applyPatch(object, (decision.patch ?? []) as PatchOperation[]) as unknown as Patched;
}

const isInjected = ({ spec }: Patched) =>
  (spec.initContainers ?? []).some(({ name }) => name === 'linkerd-proxy');

describe('the injection webhook', () => {
  it('injects a pod whose namespace wants it and labels it with its owner', async () => {
    const { cluster, ask } = aWebhook();
    cluster.namespaces.set('shop', ENABLED);
    const object = podOfDeployment(cluster);
    const result = patched(object, await ask(object));
    expect(isInjected(result)).toBe(true);
    expect(result.metadata.labels).toMatchObject({
      'linkerd.io/proxy-deployment': 'web',
      'linkerd.io/workload-ns': 'shop',
      'linkerd.io/control-plane-ns': 'linkerd',
    });
  });

  it('leaves a pod alone that nobody asked about, unless injection is the default', async () => {
    const object = pod();
    const asked = aWebhook();
    expect(await asked.ask(object)).toEqual({ kind: 'allowed', warnings: [] });
    const defaulted = aWebhook({ injectByDefault: byDefault });
    const result = patched(object, await defaulted.ask(object));
    expect(isInjected(result)).toBe(true);
    expect(result.metadata.annotations).toMatchObject(ENABLED);
  });

  it('keeps system namespaces and those that say no out of the default', async () => {
    const { cluster, ask } = aWebhook({ injectByDefault: byDefault });
    for (const namespace of ['kube-public', 'linkerd', 'cert-manager']) cluster.namespaces.set(namespace, {});
    cluster.namespaces.set('plain', DISABLED);
    for (const namespace of ['kube-public', 'linkerd', 'cert-manager', 'plain'])
      expect(isInjected(patched(pod(), await ask(pod(), { namespace })))).toBe(false);
    const unwilling = pod({ annotations: DISABLED });
    expect(isInjected(patched(unwilling, await ask(unwilling)))).toBe(false);
    const system = pod({ annotations: ENABLED });
    cluster.namespaces.set('kube-system', {});
    expect(isInjected(patched(system, await ask(system, { namespace: 'kube-system' })))).toBe(true);
  });

  it('marks the opaque ports of a Service', async () => {
    const { ask } = aWebhook();
    const service: Workload = {
      kind: 'Service',
      metadata: { name: 'db' },
      spec: { ports: [{ port: 3306 }, { port: 80 }] },
    };
    const result = patched(service, await ask(service));
    expect(result.metadata.annotations).toEqual({ 'config.linkerd.io/opaque-ports': '3306' });
  });

  it('warns of a misspelt annotation with the nearest real name', async () => {
    const { ask } = aWebhook();
    const decision = await ask(pod({ annotations: { 'config.linkerd.io/skip-outbund-ports': '1' } }));
    expect(decision).toMatchObject({
      kind: 'allowed',
      warnings: [expect.stringContaining('did you mean "config.linkerd.io/skip-outbound-ports"?')],
    });
  });

  it('fails for a namespace that is not there and for settings that cannot be rendered', async () => {
    const { ask } = aWebhook();
    await expect(ask(pod(), { namespace: 'gone' })).rejects.toThrow('there is no namespace gone');
    const annotations = { ...ENABLED, 'config.linkerd.io/proxy-log-http-headers': 'yes' };
    await expect(ask(pod({ annotations }))).rejects.toThrow('proxy-log-http-headers');
  });

  it('fails for what is no object', async () => {
    const { ask } = aWebhook();
    await expect(ask({ kind: 'Pod' }, { object: 7 })).rejects.toThrow('is no object');
  });
});

describe('events of injection', () => {
  it('stand beside the workload that owns the pod', async () => {
    const { cluster, events, ask } = aWebhook();
    await ask(podOfDeployment(cluster, ENABLED));
    expect(events).toEqual([
      {
        about: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'web',
          uid: 'uid-of-web',
        },
        type: 'Normal',
        reason: 'Injected',
        message: 'Linkerd sidecar proxy injected',
      },
    ]);
  });

  it('say why a pod was skipped', async () => {
    const { cluster, events, ask } = aWebhook();
    const object = podOfDeployment(cluster);
    await ask({ ...object, spec: { ...(object.spec as object), hostNetwork: true } });
    expect(events[0]).toMatchObject({
      reason: 'InjectionSkipped',
      message:
        'Linkerd sidecar proxy injection skipped: hostNetwork is enabled, ' +
        'neither the namespace nor the pod have the annotation "linkerd.io/inject:enabled"',
    });
  });

  it('carry the warnings, which the controller that makes pods would keep to itself', async () => {
    const { cluster, events, ask } = aWebhook();
    await ask(podOfDeployment(cluster, { ...ENABLED, 'config.linkerd.io/proxy-cpu-request': 'lots' }));
    expect(events.map(({ type, reason, about }) => [type, reason, about.name])).toEqual([
      ['Normal', 'Injected', 'web'],
      ['Warning', 'InjectionWarning', 'web'],
    ]);
    expect(events[1]!.message).toContain('annotation "config.linkerd.io/proxy-cpu-request" of the pod: ');
  });

  it('are not written for a dry run, nor for a pod that nobody owns', async () => {
    const { cluster, events, ask } = aWebhook();
    await ask(podOfDeployment(cluster, ENABLED), { dryRun: true });
    await ask(pod({ annotations: ENABLED }));
    expect(events).toEqual([]);
  });
});

describe('metrics of injection', () => {
  const read = async ({ registry }: ReturnType<typeof aWebhook>, name: string) =>
    (await registry.getSingleMetric(`proxy_inject_admission_${name}_total`)!.get()).values.map(
      ({ labels, value }) => ({ ...labels, value }),
    );

  it('count requests with the owner, the deciding annotation and the configuration', async () => {
    const webhook = aWebhook();
    webhook.cluster.namespaces.set('shop', ENABLED);
    await webhook.ask(podOfDeployment(webhook.cluster, { 'config.linkerd.io/proxy-cpu-limit': '1' }));
    const [series] = await read(webhook, 'requests');
    expect(series).toMatchObject({
      owner_kind: 'deployment',
      namespace: 'shop',
      annotation_at: 'namespace',
      proxy_cpu_limit: '1',
      opaque_ports: '',
      value: 1,
    });
    // Forty of configuration, three of the request, and the value.
    expect(Object.keys(series!)).toHaveLength(44);
    expect(await read(webhook, 'responses')).toMatchObject([{ skip: 'false', skip_reason: '' }]);
  });

  it('count skipped pods with the reasons, and Services that stay as they are not at all', async () => {
    const webhook = aWebhook();
    await webhook.ask(ownedPod([aReference('DaemonSet', 'agent')]));
    await webhook.ask({ kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } });
    expect(await read(webhook, 'responses')).toMatchObject([
      { owner_kind: 'daemonset', skip: 'true', skip_reason: 'injection_enable_annotation_absent' },
    ]);
    expect(await read(webhook, 'requests')).toHaveLength(2);
  });

  it('count what exceeds a thousand series in one', async () => {
    const webhook = aWebhook();
    for (let n = 0; n < 1010; n += 1)
      await webhook.ask(pod({ annotations: { 'config.linkerd.io/proxy-log-level': `level${n}` } }));
    const series = await read(webhook, 'requests');
    expect(series).toHaveLength(1001);
    const other = series.find((labels) => (labels as Record<string, unknown>).namespace === 'other');
    expect(other).toMatchObject({ value: 10 });
  });

  it('do not carry long texts', async () => {
    const webhook = aWebhook();
    await webhook.ask(pod({ annotations: { 'config.linkerd.io/proxy-additional-env': 'x'.repeat(5000) } }));
    expect(await read(webhook, 'requests')).toMatchObject([{ proxy_additional_env: 'other' }]);
  });
});
