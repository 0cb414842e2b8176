import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntilSynced } from '@weft/kubernetes';
import { EndpointChanges } from '../mesh/endpoint-changes.ts';
import { aRunningPod } from '../pod/pod.builder.ts';
import { Cluster } from './cluster.ts';
import type { KubernetesObject, Pod } from './objects.ts';
import { StateDirectory } from './state-directory.ts';
import { dnsServices, runningPodIps, virtualPorts } from './views.ts';

const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
`;
const HEADLESS = SERVICE.replace('name: web', 'name: peers').replace('spec: {', 'spec: {clusterIP: None, ');

let directory = '';
const ending: AbortController[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weft-cluster-'));
});
afterEach(() => {
  for (const each of ending.splice(0)) each.abort();
  rmSync(directory, { recursive: true });
});

async function aCluster(builtIn: readonly KubernetesObject[] = []): Promise<Cluster> {
  const controller = new AbortController();
  ending.push(controller);
  const cluster = new Cluster({ directory, builtIn, onProblems: () => undefined });
  void cluster.run(controller.signal);
  await waitUntilSynced(cluster.source, controller.signal);
  await cluster.refreshData();
  return cluster;
}

function aReadyPod(status: 'True' | 'False' = 'True'): Pod {
  const pod = aRunningPod({ containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 8080 }] }] });
  return { ...pod, status: { ...pod.status!, conditions: [{ type: 'Ready', status }] } };
}

describe('a cluster', () => {
  it('gives a service an address and leads it to the pods that are ready', async () => {
    writeFileSync(join(directory, 'web.yaml'), SERVICE);
    const cluster = await aCluster();
    cluster.put(aReadyPod());
    expect(virtualPorts(cluster.source)).toEqual([
      {
        name: 'shop/web:http',
        clusterIp: expect.stringMatching(/^10\.43\./),
        port: 80,
        protocol: 'tcp',
        targets: [{ ip: '10.42.0.17', port: 8080 }],
      },
    ]);
    cluster.put(aReadyPod('False'));
    expect(virtualPorts(cluster.source)[0]?.targets).toEqual([]);
  });

  it('tells DNS of services with an address and of the pods behind those without', async () => {
    writeFileSync(join(directory, 'web.yaml'), `${SERVICE}---${HEADLESS}`);
    const cluster = await aCluster();
    cluster.put(aReadyPod());
    const byName = new Map(dnsServices(cluster.source).map((service) => [service.name, service]));
    expect(byName.get('web')?.clusterIp).toMatch(/^10\.43\./);
    expect(byName.get('peers')).toMatchObject({
      clusterIp: undefined,
      endpoints: [{ ip: '10.42.0.17', ports: new Map([['http', 8080]]) }],
    });
    expect(runningPodIps(cluster.source)).toEqual(['10.42.0.17']);
  });

  it('says which endpoints have gone', async () => {
    writeFileSync(join(directory, 'web.yaml'), SERVICE);
    const cluster = await aCluster();
    const changes = new EndpointChanges();
    cluster.put(aReadyPod());
    expect(changes.gone(cluster.source)).toEqual([]);
    cluster.remove(aReadyPod());
    expect(changes.gone(cluster.source)).toEqual([
      { service: 'shop/web', address: '10.42.0.17', pod: 'web-0' },
    ]);
    expect(changes.gone(cluster.source)).toEqual([]);
  });

  it('keeps its own objects apart from those that are declared', async () => {
    const cluster = await aCluster();
    cluster.put(aReadyPod());
    expect(cluster.list('Pod')).toHaveLength(1);
    expect(cluster.listDeclared('Pod')).toEqual([]);
  });

  it('takes a Secret from the folder before a built-in one, and follows it', async () => {
    const secret = (value: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'issuer', namespace: 'linkerd' },
      stringData: { key: value },
    });
    const cluster = await aCluster([secret('built in')]);
    const value = () => cluster.findData('Secret', 'linkerd', 'issuer')?.stringData?.key;
    expect(value()).toBe('built in');
    writeFileSync(join(directory, 'issuer.yaml'), JSON.stringify(secret('mine')));
    expect(await cluster.refreshData()).toBe(true);
    expect(value()).toBe('mine');
    writeFileSync(join(directory, 'issuer.yaml'), '{ broken');
    expect(await cluster.refreshData()).toBe(false);
    expect(value()).toBe('mine');
    rmSync(join(directory, 'issuer.yaml'));
    expect(await cluster.refreshData()).toBe(true);
    expect(value()).toBe('built in');
  });

  it('names what is wrong with an object that cannot be', async () => {
    const cluster = await aCluster();
    const metadata = { name: 'x', namespace: 'shop' };
    expect(() => cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata })).toThrow(
      /Deployment shop\/x: spec/,
    );
  });
});

describe('the published state of a cluster', () => {
  it('holds what readers need, with addresses, and drops what has gone', async () => {
    writeFileSync(join(directory, 'web.yaml'), SERVICE);
    const cluster = await aCluster();
    const published = join(directory, '.state');
    const state = new StateDirectory(published);
    cluster.put(aReadyPod());
    await state.publish(cluster.source);
    expect(readdirSync(published).sort()).toEqual(['Pod.shop.web-0.json', 'Service.shop.web.json']);
    const service = JSON.parse(readFileSync(join(published, 'Service.shop.web.json'), 'utf8'));
    expect(service.spec.clusterIP).toMatch(/^10\.43\./);

    cluster.remove(aReadyPod());
    await state.publish(cluster.source);
    expect(readdirSync(published)).toEqual(['Service.shop.web.json']);
  });
});
