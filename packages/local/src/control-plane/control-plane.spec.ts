import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntilSynced } from '@weft/kubernetes';
import { Cluster } from '../cluster/cluster.ts';
import type { Container, DataObject, KubernetesObject, Service } from '../cluster/objects.ts';
import { EventLog } from '../mesh/event-log.ts';
import { aRunningPod } from '../pod/pod.builder.ts';
import { LocalControlPlane } from './local-control-plane.ts';
import { TRUST_ROOTS } from './names.ts';

const OPTIONS = {
  meshId: 'a1b2c3',
  directory: '',
  machine: { build: '/b', nodeDirectory: '/n', app: '/a' },
  stateDirectory: '/run/weft/state',
  podsDirectory: '/run/weft/pods',
  clusterDomain: 'cluster.local',
  leafLifetime: 20,
  version: 'test',
};
const NAMESPACE = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {linkerd.io/inject: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: mail, namespace: shop}
spec: {selector: {app: mail}, ports: [{name: smtp, port: 25}]}
`;

let directory = '';
const ending: AbortController[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weft-control-plane-spec-'));
  writeFileSync(join(directory, 'shop.yaml'), NAMESPACE);
});
afterEach(() => {
  for (const each of ending.splice(0)) each.abort();
  rmSync(directory, { recursive: true });
});

async function aMesh() {
  const plane = new LocalControlPlane(OPTIONS);
  const cluster = new Cluster({ directory, builtIn: plane.objects, onProblems: () => undefined });
  const controller = new AbortController();
  void cluster.run(controller.signal);
  ending.push(controller);
  await waitUntilSynced(cluster.source, controller.signal);
  const events = new EventLog();
  return { plane, cluster, events };
}

describe('the control plane of this machine', () => {
  const named = <T extends KubernetesObject>(
    objects: readonly KubernetesObject[],
    kind: string,
    name: string,
  ) => objects.find((object) => object.kind === kind && object.metadata.name === name) as T | undefined;

  it('has Linkerd’s names: what proxies are told leads to it', () => {
    const { objects } = new LocalControlPlane(OPTIONS);
    for (const name of ['linkerd-identity-headless', 'linkerd-dst-headless', 'linkerd-policy']) {
      expect(named<Service>(objects, 'Service', name)?.spec.clusterIP).toBe('None');
    }
    expect(named(objects, 'Deployment', 'linkerd-identity')).toBeDefined();
    expect(named(objects, 'Deployment', 'linkerd-destination')).toBeDefined();
  });

  it('gives a pod its proxy, with the mesh’s anchors and a shutdown endpoint', async () => {
    const { plane, cluster, events } = await aMesh();
    const pod = plane.admit(aRunningPod(), { kind: 'Deployment', name: 'web' }, cluster, events);
    const containers: readonly Container[] = pod.spec.initContainers ?? [];
    expect(containers.map(({ name }) => name)).toEqual(['linkerd-init', 'linkerd-proxy']);
    const env = new Map(containers[1]?.env?.map(({ name, value }) => [name, value]));
    const roots = named<DataObject>(plane.objects, 'ConfigMap', TRUST_ROOTS.configMap);
    expect(env.get('LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS')?.trim()).toBe(
      roots?.data?.[TRUST_ROOTS.key]?.trim(),
    );
    expect(env.get('LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED')).toBe('true');
    expect(pod.metadata.labels).toMatchObject({ 'linkerd.io/proxy-deployment': 'web' });
  });

  it('leaves a pod alone that does not want a proxy, and says why', async () => {
    const { plane, cluster, events } = await aMesh();
    const plain = aRunningPod();
    const pod = {
      ...plain,
      metadata: { ...plain.metadata, annotations: { 'linkerd.io/inject': 'disabled' } },
    };
    expect(plane.admit(pod, undefined, cluster, events).spec).toEqual(pod.spec);
    expect(events.events).toMatchObject([{ type: 'not injected', subject: 'shop/web-0' }]);
    expect(events.events[0]?.message).toContain('linkerd.io/inject');
  });

  it('marks the opaque ports of services', async () => {
    const { plane, cluster } = await aMesh();
    plane.annotateServices(cluster);
    const mail = cluster.source.get('Service', 'shop', 'mail');
    expect(mail?.metadata.annotations).toMatchObject({ 'config.linkerd.io/opaque-ports': '25' });
  });

  it('lets its own pods start first', async () => {
    const { plane, cluster } = await aMesh();
    expect(plane.mayStart('linkerd', cluster)).toBe(true);
    expect(plane.mayStart('shop', cluster)).toBe(false);
  });

  it('mints a pod’s token once and again only when it has grown old', async () => {
    const plane = new LocalControlPlane(OPTIONS);
    const pod = aRunningPod();
    const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    const token = await plane.mintToken(pod, 'identity.l5d.io', 86_400);
    expect(claims(token)).toMatchObject({ aud: ['identity.l5d.io'], sub: 'system:serviceaccount:shop:web' });
    expect(await plane.mintToken(pod, 'identity.l5d.io', 86_400)).toBe(token);
    expect(claims(await plane.mintToken(pod, 'other', 0)).aud).toEqual(['other']);
  });
});
