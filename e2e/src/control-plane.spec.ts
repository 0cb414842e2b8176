import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Destination } from '@weft/proto/destination';
import { InboundServerPolicies } from '@weft/proto/inbound';
import { GrpcClient } from '@weft/service';
import { ControlPlane } from './harness/control-plane.ts';
import { Authority } from './harness/credentials.ts';
import { DiscoveryReaders } from './harness/discovery-readers.ts';
import { Folder, type Manifest } from './harness/folder.ts';
import { sumOf } from './harness/metrics.ts';
import { SilentReaders } from './harness/silent-readers.ts';
import { waitFor } from './harness/wait-for.ts';

const NAME = 'crowd.shop.svc.cluster.local:80';
const SERVICE: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'crowd', namespace: 'shop' },
  spec: { selector: { app: 'crowd' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

function aPod(number: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `crowd-${number}`, namespace: 'shop', labels: { app: 'crowd' } },
    spec: { containers: [{ name: 'crowd', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: ipOf(number) },
  };
}

const MESHED_POD: Manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'meshed', namespace: 'shop', labels: { 'linkerd.io/control-plane-ns': 'linkerd' } },
  spec: { containers: [{ name: 'meshed', ports: [{ containerPort: 8080 }] }] },
  status: { phase: 'Running', podIP: '10.42.9.9' },
};

const ipOf = (number: number) => `10.42.${number >> 8}.${number & 255}`;
const podsTo = (count: number) => Array.from({ length: count }, (_, number) => aPod(number));

describe('the control plane, asked badly', () => {
  const folder = new Folder();
  let plane: ControlPlane;
  let client: GrpcClient;

  beforeAll(async () => {
    folder.write('service.yaml', SERVICE, MESHED_POD);
    folder.write('pods.yaml', ...podsTo(200));
    plane = await ControlPlane.start({ folder, authority: new Authority() });
    client = new GrpcClient({ target: plane.destination });
  });
  afterAll(async () => {
    client?.close();
    await plane?.stop();
    folder.delete();
  });

  const firstUpdate = async (path: string, contextToken = '') => {
    for await (const update of client.stream(
      Destination.method.get,
      { path, contextToken },
      { timeoutMs: 5000 },
    )) {
      return update;
    }
    throw new Error('the stream ended without an update');
  };

  it('refuses an oversize message and goes on serving', async () => {
    await expect(firstUpdate('x'.repeat(8 << 20))).rejects.toMatchObject({ code: 'resource_exhausted' });
    expect((await firstUpdate(NAME)).update.case).toBe('add');
  });

  it('refuses an unknown authority by name and goes on serving', async () => {
    await expect(firstUpdate('nobody.example.com:80')).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(firstUpdate('nobody.shop.svc.cluster.local:80')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await firstUpdate(NAME)).update.case).toBe('add');
  });

  it('answers a malformed context token as if there were none', async () => {
    for (const token of ['{', '[]', 'null', '\u0000', '{"ns":7}', 'x'.repeat(10_000)]) {
      expect((await firstUpdate(NAME, token)).update.case).toBe('add');
    }
  });

  it('refuses a malformed workload token of the policy API and goes on serving', async () => {
    const policy = new GrpcClient({ target: plane.policy });
    const port = (workload: string) =>
      policy.unary(InboundServerPolicies.method.getPort, { workload, port: 8080 }, { timeoutMs: 5000 });
    for (const workload of ['', '{', 'no-colon', 'a:b:c']) {
      await expect(port(workload)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    await expect(port('{"ns":"shop","pod":"meshed"}')).resolves.toMatchObject({
      labels: { name: 'all-unauthenticated' },
    });
    policy.close();
  });

  it('with 1 000 streams of which ten never read, the rest get every change and memory stays flat', async () => {
    const silent = await SilentReaders.open(plane.destination, NAME, 10);
    const readers = new DiscoveryReaders(plane.destination, NAME, 990);
    const everybodyKnows = (number: number) =>
      waitFor(`all readers know ${ipOf(number)}`, 30_000, () => readers.knowing(ipOf(number)) === 990);
    const memory = async () => sumOf(await plane.metrics(), 'process_resident_memory_bytes');

    await everybodyKnows(199);
    const readings: number[] = [];
    for (let count = 201; count <= 230; count++) {
      folder.write('pods.yaml', ...podsTo(count));
      await everybodyKnows(count - 1);
      readings.push(await memory());
    }
    expect(silent.open).toBe(10);
    const [early, late] = [readings.slice(5, 15), readings.slice(-10)].map((part) => Math.min(...part!));
    expect(late! - early!).toBeLessThan(48 << 20);
    readers.close();
    silent.close();
  });
});
