import { afterEach, describe, expect, it } from '@jest/globals';
import { openCluster } from '../cluster/open-cluster.ts';
import type { JsonObject } from '../manifest/json.ts';
import { applyObjects, deleteObjects } from './apply-objects.ts';
import { type ObjectServer, startObjectServer } from './object-server.builder.ts';
import { inReverseOrder, inStages } from './order.ts';
import { endingPods, podTroubles, rolloutState } from './rollout.ts';

const { signal } = new AbortController();
const config: JsonObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'linkerd-config', namespace: 'linkerd' },
};
const namespace: JsonObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'linkerd' } };

describe('applying objects', () => {
  let server: ObjectServer;
  afterEach(() => server.close());

  const options = async (lines: string[]) => ({
    cluster: await openCluster({ linkerdNamespace: 'linkerd', apiAddr: server.address }),
    signal,
    progress: (line: string) => void lines.push(line),
  });

  it('makes them by server-side apply, in an order that works, and tells of each', async () => {
    server = await startObjectServer();
    const lines: string[] = [];
    await applyObjects([config, namespace], await options(lines));
    expect([...server.objects]).toEqual([
      ['/api/v1/namespaces/linkerd', namespace],
      ['/api/v1/namespaces/linkerd/configmaps/linkerd-config', config],
    ]);
    const [patch] = server.requests.filter(({ method }) => method === 'PATCH');
    expect(patch?.query.toString()).toBe('fieldManager=weft&force=true');
    expect(patch?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(lines).toEqual(['namespace/linkerd applied', 'configmap/linkerd-config applied']);
  });

  it('waits for definitions before it goes on', async () => {
    server = await startObjectServer();
    const definition = (status: string): JsonObject => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'servers' },
      status: { conditions: [{ type: 'Established', status }] },
    });
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/servers';
    server.objects.set(path, definition('False'));
    const { cluster, ...rest } = await options([]);
    let looks = 0;
    const call: typeof cluster.call = async (request) => {
      // It is established between the first look and the second.
      if (request.path === path && request.method === undefined && ++looks === 2) {
        server.objects.set(path, definition('True'));
      }
      return cluster.call(request);
    };
    const watched = { server: cluster.server, forward: cluster.forward, call };
    await applyObjects([definition('False')], { cluster: watched, ...rest });
    expect(looks).toBe(2);
  });

  it('says which kind the cluster does not know', async () => {
    server = await startObjectServer();
    const strange = { apiVersion: 'policy.linkerd.io/v1beta3', kind: 'Server', metadata: { name: 'web' } };
    await expect(applyObjects([strange], await options([]))).rejects.toThrow(
      /^Server of policy\.linkerd\.io\/v1beta3 is not served by http:/,
    );
  });

  it('removes them the other way round and waits until they are gone; what is gone already is no error', async () => {
    server = await startObjectServer({
      '/api/v1/namespaces/linkerd': namespace,
      '/api/v1/namespaces/linkerd/configmaps/linkerd-config': config,
    });
    const lines: string[] = [];
    const absent = { ...config, metadata: { name: 'other', namespace: 'linkerd' } };
    await deleteObjects([namespace, config, absent], await options(lines));
    expect(server.objects.size).toBe(0);
    expect(lines).toEqual(['configmap/linkerd-config removed', 'namespace/linkerd removed']);
    const [deletion] = server.requests.filter(({ method }) => method === 'DELETE');
    expect(deletion?.query.get('propagationPolicy')).toBe('Foreground');
  });
});

describe('the order of objects', () => {
  it('makes webhooks last, and removes them first', () => {
    const kinds = [
      'MutatingWebhookConfiguration',
      'Deployment',
      'PodMonitor',
      'Secret',
      'Namespace',
      'Service',
    ];
    const objects = kinds.map((kind) => ({ kind }));
    const ordered = inStages(objects).flatMap((stage) => stage.map(({ kind }) => kind));
    expect(ordered).toEqual([
      'Namespace',
      'Secret',
      'Service',
      'PodMonitor',
      'Deployment',
      'MutatingWebhookConfiguration',
    ]);
    expect(inReverseOrder(objects).map(({ kind }) => kind)).toEqual(ordered.toReversed());
  });
});

describe('a rollout', () => {
  const deployment = (status: JsonObject, replicas = 2): JsonObject => ({
    metadata: { name: 'linkerd-identity', generation: 3 },
    spec: { replicas },
    status: { observedGeneration: 3, ...status },
  });

  it.each([
    ['nobody has looked at it', { observedGeneration: 2 }, 'linkerd-identity: not seen yet'],
    [
      'pods are missing',
      { updatedReplicas: 2, availableReplicas: 1, replicas: 2 },
      'linkerd-identity: 1 of 2 ready',
    ],
    [
      'old pods serve',
      { updatedReplicas: 1, availableReplicas: 2, replicas: 3 },
      'linkerd-identity: 1 of 2 ready',
    ],
    [
      'an old pod is left',
      { updatedReplicas: 2, availableReplicas: 3, replicas: 3 },
      'linkerd-identity: 1 of the old ones still there',
    ],
    ['all is well', { updatedReplicas: 2, availableReplicas: 2, replicas: 2 }, undefined],
  ])('is told where %s', (_, status, state) => {
    expect(rolloutState(deployment(status))).toBe(state);
  });

  it('is not over while a pod of before is ending', () => {
    const selected: JsonObject = { spec: { selector: { matchLabels: { app: 'identity' } } } };
    const pod = (app: string, deletionTimestamp?: string): JsonObject => ({
      metadata: { labels: { app }, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    });
    const identity = { ...deployment({}), ...selected };
    const now = '2026-01-01T00:00:00Z';
    expect(endingPods(identity, [pod('identity'), pod('destination', now)])).toBeUndefined();
    expect(endingPods(identity, [pod('identity'), pod('identity', now)])).toBe(
      'linkerd-identity: 1 of the old ones still ending',
    );
  });

  it('tells why pods do not start, each reason once', () => {
    const waiting = (reason: string, message = '', ended = ''): JsonObject => ({
      status: {
        containerStatuses: [
          {
            name: 'identity',
            state: { waiting: { reason, message } },
            lastState: { terminated: { message: ended } },
          },
        ],
      },
    });
    const pending = {
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: 'no node fits' }] },
    };
    expect(
      podTroubles([
        waiting('ContainerCreating'),
        waiting('ImagePullBackOff', 'no such image'),
        waiting('ImagePullBackOff', 'no such image'),
        waiting('CrashLoopBackOff', '', 'starting\nno issuer'),
        pending,
      ]),
    ).toEqual([
      'identity: ImagePullBackOff (no such image)',
      'identity: CrashLoopBackOff (no issuer)',
      'no node fits',
    ]);
  });
});
