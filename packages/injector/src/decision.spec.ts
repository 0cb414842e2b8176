import { describe, expect, it } from '@jest/globals';
import { inject } from './inject.ts';
import { pod, request, values } from './pod.builder.ts';

const KEY = 'linkerd.io/inject';
const ABSENT = 'neither the namespace nor the pod have the annotation "linkerd.io/inject:enabled"';
const at = (value: string | undefined) => (value === undefined ? {} : { [KEY]: value });

function decide(
  namespace: string | undefined,
  own: string | undefined,
  origin: 'webhook' | 'cli-manual' = 'webhook',
) {
  return inject({
    workload: pod({ annotations: at(own) }),
    namespace: { name: 'shop', annotations: at(namespace) },
    values: values(),
    origin,
  });
}

describe('the webhook injects', () => {
  it.each([
    ['enabled', undefined, 'namespace'],
    ['enabled', '', 'namespace'],
    ['enabled', 'enabled', 'namespace'],
    ['enabled', 'ingress', 'namespace'],
    ['ingress', undefined, 'namespace'],
    [undefined, 'enabled', 'workload'],
    ['', 'ingress', 'workload'],
    ['disabled', 'enabled', 'workload'],
  ])('where the namespace says %p and the pod %p', (namespace, own, annotationAt) => {
    expect(decide(namespace, own)).toMatchObject({ kind: 'injected', annotationAt });
  });
});

describe('the webhook skips', () => {
  it.each([
    [undefined, undefined, 'injection_enable_annotation_absent', '', ABSENT],
    ['', '', 'injection_enable_annotation_absent', '', ABSENT],
    ['disabled', undefined, 'injection_enable_annotation_absent', '', ABSENT],
    [undefined, 'disabled', 'injection_enable_annotation_absent', '', ABSENT],
    [
      'enabled',
      'disabled',
      'injection_disable_annotation_present',
      'workload',
      'pod has the annotation "linkerd.io/inject:disabled"',
    ],
    [
      'ingress',
      'disabled',
      'injection_disable_annotation_present',
      'workload',
      'pod has the annotation "linkerd.io/inject:disabled"',
    ],
    [
      'yes',
      'enabled',
      'invalid_inject_annotation_at_ns',
      '',
      'invalid value "yes" for annotation "linkerd.io/inject" at namespace',
    ],
    [
      'yes',
      'no',
      'invalid_inject_annotation_at_ns',
      '',
      'invalid value "yes" for annotation "linkerd.io/inject" at namespace',
    ],
    [
      'enabled',
      'true',
      'invalid_inject_annotation_at_workload',
      '',
      'invalid value "true" for annotation "linkerd.io/inject" at workload',
    ],
    [
      undefined,
      'Enabled',
      'invalid_inject_annotation_at_workload',
      '',
      'invalid value "Enabled" for annotation "linkerd.io/inject" at workload',
    ],
  ])('where the namespace says %p and the pod %p', (namespace, own, code, annotationAt, text) => {
    expect(decide(namespace, own)).toMatchObject({
      kind: 'skipped',
      reasons: [{ code, text }],
      annotationAt,
    });
  });
});

describe('by hand', () => {
  it('everything is injected but what says disabled', () => {
    for (const own of [undefined, '', 'enabled', 'ingress', 'garbage']) {
      expect(decide(undefined, own, 'cli-manual').kind).toBe('injected');
    }
    expect(decide('enabled', 'disabled', 'cli-manual')).toMatchObject({
      kind: 'skipped',
      reasons: [{ code: 'injection_disable_annotation_present' }],
    });
  });
});

describe('ingress mode', () => {
  it.each([
    ['ingress', undefined, true],
    ['enabled', 'ingress', true],
    ['ingress', 'enabled', false],
    ['ingress', '', false],
    ['enabled', undefined, false],
  ])('with namespace %p and pod %p: %p', (namespace, own, ingress) => {
    const result = decide(namespace, own);
    expect(JSON.stringify(result).includes('"LINKERD2_PROXY_INGRESS_MODE","value":"true"')).toBe(ingress);
  });
});

describe('pods that cannot be injected', () => {
  it('give every reason, in order', () => {
    const workload = pod({
      annotations: { [KEY]: 'disabled' },
      spec: { hostNetwork: true, automountServiceAccountToken: false },
      container: { name: 'linkerd-proxy' },
    });
    const result = request({ workload, values: { identity: { serviceAccountTokenProjection: false } } });
    expect(result).toMatchObject({
      kind: 'skipped',
      reasons: [
        { code: 'host_network_enabled', text: 'hostNetwork is enabled' },
        { code: 'sidecar_already_exists', text: 'pod has a sidecar injected already' },
        { code: 'injection_disable_annotation_present' },
        {
          code: 'disabled_automount_service_account_token_account',
          text: 'automountServiceAccountToken set to "false", with Values.identity.serviceAccountTokenProjection set to "false"',
        },
      ],
    });
  });

  const initContainer = (container: object) => pod({ spec: { initContainers: [container] } });

  it.each([
    pod({ container: { image: 'cr.l5d.io/linkerd/proxy:v0' } }),
    pod({ container: { image: 'gcr.io/istio-release/proxyv2:1' } }),
    pod({ container: { name: 'istio-proxy' } }),
    initContainer({ name: 'linkerd-proxy' }),
    initContainer({ image: 'cr.l5d.io/linkerd/proxy:v0' }),
    initContainer({ image: 'cr.l5d.io/linkerd/proxy-init:v0' }),
    initContainer({ image: 'gcr.io/istio-release/proxy_init:1' }),
    initContainer({ name: 'linkerd-init' }),
    initContainer({ name: 'istio-init' }),
  ])('have a sidecar: %j', (workload) => {
    expect(request({ workload })).toMatchObject({
      kind: 'skipped',
      reasons: [{ code: 'sidecar_already_exists' }],
    });
  });

  it.each([
    pod({ container: { name: 'linkerd-init' } }),
    pod({ container: { image: 'cr.l5d.io/linkerd/proxyish:v0' } }),
    pod({ container: { name: 'linkerd-proxy-2' } }),
  ])('are not mistaken: %j', (workload) => {
    expect(request({ workload }).kind).toBe('injected');
  });
});

describe('pods without a mount of their service account', () => {
  const projection = (on: boolean) => ({ identity: { serviceAccountTokenProjection: on } });
  const mounted = pod({
    container: { volumeMounts: [{ name: 'sa', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] },
  });
  const unmounting = pod({ spec: { automountServiceAccountToken: false } });

  it('are injected while the proxy has a token of its own', () => {
    expect(request({ workload: unmounting }).kind).toBe('injected');
    expect(request({ workload: pod(), values: projection(true) }).kind).toBe('injected');
  });

  it('are skipped where the proxy depends on that mount', () => {
    expect(request({ workload: pod(), values: projection(false) }).kind).toBe('skipped');
    expect(request({ workload: mounted, values: projection(false) }).kind).toBe('injected');
    expect(request({ workload: pod(), values: projection(false), origin: 'cli-manual' }).kind).toBe(
      'injected',
    );
    expect(request({ workload: unmounting, values: projection(false), origin: 'cli-manual' }).kind).toBe(
      'skipped',
    );
  });
});
