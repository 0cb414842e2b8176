import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@weft/service';
import { pod } from '../../pod.builder.ts';
import { aReference, FakeCluster, ownedPod } from '../webhook.builder.ts';
import { OwnerResolver } from './owner-resolver.ts';

function aResolver() {
  const cluster = new FakeCluster();
  const lookups: string[] = [];
  let now = 0;
  const resolver = new OwnerResolver({
    facts: cluster,
    logger: silentLogger,
    onLookup: (result) => lookups.push(result),
    now: () => now,
  });
  return { cluster, lookups, resolver, wait: (ms: number) => (now += ms) };
}

const replicaSet = aReference('ReplicaSet', 'web-5d');
const job = aReference('Job', 'nightly-1', 'batch/v1');

describe('the owner of a pod', () => {
  it('is itself where nobody or more than one owns it', async () => {
    const { resolver } = aResolver();
    expect(await resolver.resolve(pod(), 'shop')).toEqual({ kind: 'pod', name: 'web-1', object: undefined });
    const shared = ownedPod([aReference('StatefulSet', 'a'), aReference('StatefulSet', 'b')]);
    expect(await resolver.resolve(shared, 'shop')).toMatchObject({ kind: 'pod', object: undefined });
  });

  it('is the Deployment behind its ReplicaSet and the CronJob behind its Job', async () => {
    const { cluster, resolver } = aResolver();
    cluster.owners.set('ReplicaSet shop/web-5d', [aReference('Deployment', 'web')]);
    cluster.owners.set('Job shop/nightly-1', [aReference('CronJob', 'nightly', 'batch/v1')]);
    expect(await resolver.resolve(ownedPod([replicaSet]), 'shop')).toMatchObject({
      kind: 'deployment',
      name: 'web',
      object: { kind: 'Deployment', uid: 'uid-of-web' },
    });
    expect(await resolver.resolve(ownedPod([job]), 'shop')).toMatchObject({
      kind: 'cronjob',
      name: 'nightly',
      object: { apiVersion: 'batch/v1', kind: 'CronJob' },
    });
  });

  it('is the ReplicaSet where something else than Kubernetes owns that', async () => {
    const { cluster, resolver } = aResolver();
    cluster.owners.set('ReplicaSet shop/web-5d', [aReference('Rollout', 'web', 'argoproj.io/v1alpha1')]);
    expect(await resolver.resolve(ownedPod([replicaSet]), 'shop')).toMatchObject({
      kind: 'replicaset',
      object: { kind: 'ReplicaSet' },
    });
  });

  it('is asked for once while pods of it come, and again after a while', async () => {
    const { cluster, lookups, resolver, wait } = aResolver();
    cluster.owners.set('ReplicaSet shop/web-5d', [aReference('Deployment', 'web')]);
    await Promise.all([1, 2, 3].map(() => resolver.resolve(ownedPod([replicaSet]), 'shop')));
    expect(cluster.asked).toHaveLength(1);
    expect(lookups).toEqual(['asked', 'remembered', 'remembered']);
    wait(300_001);
    await resolver.resolve(ownedPod([replicaSet]), 'shop');
    expect(cluster.asked).toHaveLength(2);
  });

  it('is the direct owner while nobody can tell, and a failure is not remembered', async () => {
    const { cluster, lookups, resolver } = aResolver();
    expect(await resolver.resolve(ownedPod([replicaSet]), 'shop')).toMatchObject({ kind: 'replicaset' });
    expect(lookups).toEqual(['asked', 'failed']);
    cluster.owners.set('ReplicaSet shop/web-5d', [aReference('Deployment', 'web')]);
    expect(await resolver.resolve(ownedPod([replicaSet]), 'shop')).toMatchObject({ kind: 'deployment' });
  });

  it('is remembered for a bounded number', async () => {
    const { cluster, resolver } = aResolver();
    for (let n = 0; n < 4200; n += 1) {
      cluster.owners.set(`ReplicaSet shop/rs-${n}`, []);
      await resolver.resolve(ownedPod([aReference('ReplicaSet', `rs-${n}`)]), 'shop');
    }
    expect(resolver.size).toBe(4096);
  });
});
