import { describe, expect, it } from '@jest/globals';
import { aResource } from '../resource.builder.ts';
import { ownerOf } from './owner.ts';

const ref = (kind: string, name: string) => ({ apiVersion: 'v1', kind, name, uid: '' });
const podOf = (...ownerReferences: object[]) => aResource('Pod', 'web-1', { ownerReferences });
const owned =
  (...ownerReferences: ReturnType<typeof ref>[]) =>
  () => ({ metadata: { ownerReferences } });

describe('the owner of a pod', () => {
  it('is the pod itself when it has none or several', () => {
    expect(ownerOf(podOf(), owned())).toEqual({ kind: 'pod', name: 'web-1' });
    expect(ownerOf(podOf(ref('Job', 'a'), ref('Job', 'b')), owned())).toEqual({ kind: 'pod', name: 'web-1' });
  });

  it('is the deployment behind its replica set and the cron job behind its job', () => {
    const deployment = ownerOf(podOf(ref('ReplicaSet', 'web-5d')), owned(ref('Deployment', 'web')));
    expect(deployment).toEqual({ kind: 'deployment', name: 'web' });
    const cronJob = ownerOf(podOf(ref('Job', 'nightly-1')), owned(ref('CronJob', 'nightly')));
    expect(cronJob).toEqual({ kind: 'cronjob', name: 'nightly' });
  });

  it('is the replica set when that is unknown or of a kind Kubernetes does not know', () => {
    const pod = podOf(ref('ReplicaSet', 'web-5d'));
    expect(ownerOf(pod, () => undefined)).toEqual({ kind: 'replicaset', name: 'web-5d' });
    expect(ownerOf(pod, owned(ref('Rollout', 'web')))).toEqual({ kind: 'replicaset', name: 'web-5d' });
  });

  it('is any other kind directly', () => {
    expect(ownerOf(podOf(ref('StatefulSet', 'db')), owned())).toEqual({ kind: 'statefulset', name: 'db' });
  });
});
