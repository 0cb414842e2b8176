import { describe, expect, it } from '@jest/globals';
import type { PodAction } from './pod-summary.ts';
import { planReplicas, replicaSetOf } from './replica-set.ts';
import { templateHash } from './template.ts';
import { aPod, aTemplate, aWorkload } from './workload.builder.ts';

const counter = () => {
  let next = 0;
  return () => String(next++);
};
const shape = (actions: readonly PodAction[]) =>
  actions.map((action) => (action.do === 'start' ? 'start' : `stop ${action.name}`));

describe('a Deployment', () => {
  it('starts all missing replicas at once', () => {
    const actions = planReplicas(aWorkload('Deployment', { replicas: 3 }), [aPod('a')], counter());
    expect(shape(actions)).toEqual(['start', 'start']);
  });

  it('names pods by template and gives them their labels and owner', () => {
    const workload = aWorkload('Deployment');
    const [action] = planReplicas(workload, [], () => 'x7kqz');
    const hash = templateHash(workload.spec.template);
    expect(action).toMatchObject({
      do: 'start',
      owner: 'Deployment/shop/web',
      pod: {
        metadata: {
          name: `web-${hash}-x7kqz`,
          namespace: 'shop',
          labels: { app: 'web', 'pod-template-hash': hash },
          ownerReferences: [{ kind: 'ReplicaSet', name: `web-${hash}` }],
        },
      },
    });
    expect(replicaSetOf(workload).metadata.ownerReferences).toMatchObject([
      { kind: 'Deployment', name: 'web' },
    ]);
  });

  it('stops what is too many, unready pods first', () => {
    const pods = [aPod('a'), aPod('b', { ready: false }), aPod('c')];
    expect(shape(planReplicas(aWorkload('Deployment', { replicas: 1 }), pods, counter()))).toEqual([
      'stop b',
      'stop a',
    ]);
  });

  it('replaces a pod that has ended', () => {
    const actions = planReplicas(
      aWorkload('Deployment'),
      [aPod('a', { phase: 'Failed', ready: false })],
      counter(),
    );
    expect(shape(actions)).toEqual(['stop a', 'start']);
  });

  it('asks for nothing while a pod is on its way out and its replacement is there', () => {
    const pods = [aPod('a', { terminating: true }), aPod('b', { ready: false })];
    expect(planReplicas(aWorkload('Deployment'), pods, counter())).toEqual([]);
  });

  describe('whose template has changed', () => {
    const workload = aWorkload('Deployment', { replicas: 2, template: aTemplate('web:2') });
    const current = { templateHash: templateHash(workload.spec.template) };

    it('adds one new pod and keeps the old ones', () => {
      expect(shape(planReplicas(workload, [aPod('a'), aPod('b')], counter()))).toEqual(['start']);
    });

    it('waits while the new pod is not ready', () => {
      const pods = [aPod('a'), aPod('b'), aPod('c', { ...current, ready: false })];
      expect(planReplicas(workload, pods, counter())).toEqual([]);
    });

    it('stops one old pod when the new one is ready', () => {
      expect(shape(planReplicas(workload, [aPod('a'), aPod('b'), aPod('c', current)], counter()))).toEqual([
        'stop a',
      ]);
    });

    it('stops everything first when the strategy is Recreate', () => {
      const recreate = { ...workload, spec: { ...workload.spec, strategy: { type: 'Recreate' } } };
      expect(shape(planReplicas(recreate, [aPod('a'), aPod('b')], counter()))).toEqual(['stop a', 'stop b']);
    });
  });
});

describe('the hash of a template', () => {
  it('does not depend on the order of keys', () => {
    const { metadata, spec } = aTemplate();
    expect(templateHash({ spec, metadata: metadata! })).toBe(templateHash({ metadata: metadata!, spec }));
  });

  it('changes with the template', () => {
    expect(templateHash(aTemplate('web:2'))).not.toBe(templateHash(aTemplate('web:1')));
  });
});
