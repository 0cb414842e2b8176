import { describe, expect, it } from '@jest/globals';
import { injectedPod, pod, type RequestParts } from './pod.builder.ts';

const classic = { proxy: { nativeSidecar: false } };
const job = { kind: 'Job', name: 'report-1' };
const disabled = { 'config.linkerd.io/proxy-admin-shutdown': 'disabled' };

const isOpen = (parts: RequestParts) => injectedPod(parts).env('SHUTDOWN_ENDPOINT_ENABLED') === 'true';

describe('the shutdown endpoint', () => {
  it('is open in pods of Jobs and CronJobs whose proxy is an ordinary container', () => {
    expect(isOpen({ owner: job, values: classic })).toBe(true);
    expect(isOpen({ owner: { kind: 'cronjob', name: 'nightly' }, values: classic })).toBe(true);
    const annotations = { 'config.linkerd.io/proxy-enable-native-sidecar': 'false' };
    expect(isOpen({ owner: job, workload: pod({ annotations }) })).toBe(true);
  });

  it('is closed where the proxy ends by itself, and in pods that are to go on', () => {
    expect(isOpen({ owner: job })).toBe(false);
    expect(isOpen({ owner: { kind: 'Deployment', name: 'web' }, values: classic })).toBe(false);
    expect(isOpen({ values: classic })).toBe(false);
  });

  it('is as the annotation of the pod or its namespace says', () => {
    expect(isOpen({ owner: job, values: classic, workload: pod({ annotations: disabled }) })).toBe(false);
    expect(isOpen({ owner: job, values: classic, namespace: disabled })).toBe(false);
  });
});
