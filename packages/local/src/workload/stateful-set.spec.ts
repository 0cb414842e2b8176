import { describe, expect, it } from '@jest/globals';
import type { PodAction } from './pod-summary.ts';
import { planStatefulSet } from './stateful-set.ts';
import { templateHash } from './template.ts';
import { aPod, aTemplate, aWorkload } from './workload.builder.ts';

const shape = (actions: readonly PodAction[]) =>
  actions.map((action) =>
    action.do === 'start' ? `start ${action.pod.metadata.name}` : `stop ${action.name}`,
  );

describe('a StatefulSet', () => {
  const workload = aWorkload('StatefulSet', { replicas: 3, serviceName: 'peers' });

  it('starts the next pod only when the one before is ready', () => {
    expect(shape(planStatefulSet(workload, []))).toEqual(['start web-0']);
    expect(planStatefulSet(workload, [aPod('web-0', { ready: false })])).toEqual([]);
    expect(shape(planStatefulSet(workload, [aPod('web-0')]))).toEqual(['start web-1']);
  });

  it('starts all at once when its management is Parallel', () => {
    const parallel = { ...workload, spec: { ...workload.spec, podManagementPolicy: 'Parallel' } };
    expect(shape(planStatefulSet(parallel, []))).toEqual(['start web-0', 'start web-1', 'start web-2']);
  });

  it('gives each pod its hostname under the service', () => {
    const [action] = planStatefulSet(workload, []);
    expect(action).toMatchObject({ pod: { spec: { hostname: 'web-0', subdomain: 'peers' } } });
  });

  it('stops the highest pod first', () => {
    const pods = [aPod('web-0'), aPod('web-10'), aPod('web-9'), aPod('web-1')];
    expect(shape(planStatefulSet({ ...workload, spec: { ...workload.spec, replicas: 2 } }, pods))).toEqual([
      'stop web-10',
    ]);
  });

  it('replaces pods of an older template one at a time from the highest', () => {
    const changed = { ...workload, spec: { ...workload.spec, template: aTemplate('web:2') } };
    const current = { templateHash: templateHash(changed.spec.template) };
    const pods = [aPod('web-0'), aPod('web-1'), aPod('web-2', current)];
    expect(shape(planStatefulSet(changed, pods))).toEqual(['stop web-1']);
    expect(planStatefulSet(changed, [aPod('web-0'), aPod('web-1', { terminating: true }), pods[2]!])).toEqual(
      [],
    );
  });
});
