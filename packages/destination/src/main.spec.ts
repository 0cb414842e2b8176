import type { ClientHttp2Session } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Destination, type Update } from '@weft/proto/destination';
import { InboundServerPolicies } from '@weft/proto/inbound';
import { OutboundPolicies } from '@weft/proto/outbound';
import { summary } from './endpoints/update.builder.ts';
import { anObject, aPod, aService } from './mesh.builder.ts';
import { aServiceProcess, type ServiceProcess } from './process.builder.ts';
import { rawConnection, rawStream } from './raw-stream.builder.ts';

// Processes and a thousand streams: slow where the machine is busy.
jest.setTimeout(30_000);

const WEB = { path: 'web.shop.svc.cluster.local:80' };
const pods = Array.from({ length: 100 }, (_, i) => aPod(`web-${i}`, { ip: `10.1.0.${i + 1}` }));
const extra = (i: number) => aPod('web-extra', { ip: `10.2.${i >> 8}.${i & 255}` });

let service: ServiceProcess;
const connections: ClientHttp2Session[] = [];
const connected = (address: string, window?: number) => {
  const connection = rawConnection(address, window === undefined ? {} : { window });
  connections.push(connection);
  return connection;
};

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`did not happen within 10 s: ${what}`);
    await sleep(5);
  }
}

/** The addresses a client has after these updates. */
class Endpoints {
  readonly addresses = new Set<string>();
  readonly apply = (update: Update) => {
    for (const change of summary([update])) {
      if (change.startsWith('+')) this.addresses.add(change.slice(1));
      else if (change.startsWith('-')) this.addresses.delete(change.slice(1));
    }
  };
}

beforeAll(async () => {
  service = await aServiceProcess({ 'web.json': [aService(), ...pods] }, '--shutdown-grace-period', '500ms');
});

afterAll(async () => {
  for (const connection of connections) connection.destroy();
  await service.stop();
});

describe('the destination service', () => {
  it('serves the three APIs of a folder of manifests, and follows its edits', async () => {
    const get = rawStream(connected(service.destination), Destination.method.get, WEB);
    const policy = connected(service.policy);
    const workload = 'shop:web-1';
    const inbound = rawStream(policy, InboundServerPolicies.method.watchPort, { workload, port: 8080 });
    const target = { case: 'authority', value: WEB.path } as const;
    const outbound = rawStream(policy, OutboundPolicies.method.watch, { sourceWorkload: workload, target });
    await until(
      () => [get, inbound, outbound].every(({ messages }) => messages.length === 1),
      'first messages',
    );
    expect(summary(get.messages)).toHaveLength(100);
    const spec = { podSelector: {}, port: 8080, proxyProtocol: 'opaque' };
    await service.write('server.json', [anObject('Server', 'web', { spec })]);
    await until(() => inbound.messages.length === 2 && get.messages.length === 2, 'the Server');
    expect(inbound.messages[1]?.protocol?.kind.case).toBe('opaque');
    await service.write('server.json', undefined);
    await until(() => inbound.messages.length === 3, 'no Server any more');
  });

  it('tells every change to 1 000 streams while ten of them never read, and grows by nothing', async () => {
    const silent = Array.from({ length: 10 }, () => {
      const connection = connected(service.destination, 0);
      const endpoints = new Endpoints();
      const stream = rawStream(connection, Destination.method.get, WEB, endpoints.apply);
      return { connection, endpoints, stream };
    });
    const clients = Array.from({ length: 10 }, () => connected(service.destination));
    const readers = Array.from({ length: 990 }, (_, i) => {
      const endpoints = new Endpoints();
      rawStream(
        clients[i % clients.length] as ClientHttp2Session,
        Destination.method.get,
        WEB,
        endpoints.apply,
      );
      return endpoints;
    });
    const all = (address: string) =>
      readers.every(({ addresses }) => addresses.size === 101 && addresses.has(address));
    const change = async (i: number) => {
      await service.write('extra.json', [extra(i)]);
      const address = `10.2.${i >> 8}.${i & 255}:8080`;
      await until(() => all(address), `change ${i}`);
    };
    const memory = async () =>
      (await service.metric('nodejs_heap_size_used_bytes')) +
      (await service.metric('nodejs_external_memory_bytes'));

    for (let i = 1; i <= 3; i += 1) await change(i);
    const before = await memory();
    const encoded = await service.metric('destination_messages_encoded_total');
    for (let i = 4; i <= 18; i += 1) await change(i);
    expect(await service.metric('destination_readers')).toBeGreaterThanOrEqual(1000);
    // An addition and a removal for each change, encoded once; nothing for those who do not read.
    expect((await service.metric('destination_messages_encoded_total')) - encoded).toBe(30);
    // Garbage not yet collected stays far below what queues of a thousand streams, or of ten, would hold.
    expect((await memory()) - before).toBeLessThan(24 * 1024 * 1024);

    // Once they read, they get what was under way and one step from there to the latest state.
    const [stillSilent, ...reading] = silent;
    for (const { connection } of reading) connection.settings({ initialWindowSize: 1024 * 1024 });
    const latest = (endpoints: Endpoints) =>
      endpoints.addresses.size === 101 && endpoints.addresses.has('10.2.0.18:8080');
    await until(() => reading.every(({ endpoints }) => latest(endpoints)), 'the silent ones to catch up');
    for (const { stream } of reading) expect(stream.messages.length).toBeLessThanOrEqual(3);
    expect(stillSilent?.stream.messages).toEqual([]);
  });

  it('answers nonsense with an error and goes on', async () => {
    const connection = connected(service.destination);
    const huge = rawStream(connection, Destination.method.get, { path: 'x'.repeat(200_000) });
    const unknown = rawStream(connection, Destination.method.get, { path: 'none.shop.svc.cluster.local:80' });
    const bad = rawStream(connection, Destination.method.get, { path: 'shop/web' });
    const garbage = rawStream(connection, Destination.method.get, Buffer.from([0xff, 0xff, 0xff]));
    const token = rawStream(connection, Destination.method.get, { ...WEB, contextToken: '{"ns":' });
    const profile = rawStream(connection, Destination.method.getProfile, { path: '10.96.0.1:80' });
    await until(() => [huge, unknown, bad, garbage].every(({ status }) => status !== undefined), 'errors');
    // RESOURCE_EXHAUSTED, NOT_FOUND, INVALID_ARGUMENT, INTERNAL
    expect([huge, unknown, bad, garbage].map(({ status }) => status)).toEqual([8, 5, 3, 13]);
    await until(() => token.messages.length === 1 && profile.messages.length === 1, 'answers to the others');
    expect(await service.metric('destination_context_tokens_malformed_total')).toBe(1);
  });

  it('reports a broken manifest by file and field, and keeps what was in force', async () => {
    const stream = rawStream(connected(service.destination), Destination.method.get, WEB);
    await until(() => stream.messages.length === 1, 'first message');
    const broken = { ...aService(), object: { ...aService().object, spec: { ports: [{ port: 'eighty' }] } } };
    await service.write('web.json', [broken as never, ...pods]);
    await until(() => service.log().includes('spec.ports[0].port'), 'the report');
    expect(service.log()).toMatch(/WARN .*web\.json.*eighty/);
    expect(await service.metric('manifest_problems')).toBe(1);
    expect(stream.messages).toHaveLength(1);
    await service.write('web.json', [aService(), ...pods]);
    await until(() => service.log().includes('all manifests are in force'), 'its mending');
  });

  it('counts with Linkerd’s names', async () => {
    rawStream(connected(service.destination), Destination.method.get, {
      path: 'web.shop.svc.cluster.local:81',
    });
    const text = async () => (await fetch(`http://${service.metrics}/metrics`)).text();
    const labels = 'cluster="local",namespace="shop",service="web",port="81",hostname="",nodename=""';
    for (let i = 0; i < 100 && !(await text()).includes(`endpoints_subscribers{${labels}} 1`); i += 1)
      await sleep(10);
    const shown = await text();
    for (const line of [
      `endpoints_subscribers{${labels}} 1`,
      `endpoints_pods{${labels}} 101`,
      `endpoints_exists{${labels}} 1`,
      'pod_cache_size{cluster="local"} 101',
      'inbound_index_pod_index_size{namespace="shop"} 101',
    ])
      expect(shown).toContain(line);
  });

  it('ends its streams with OK and itself with 0 when told to stop', async () => {
    const stream = rawStream(connected(service.destination), Destination.method.get, WEB);
    await until(() => stream.messages.length === 1, 'first message');
    // Those who never read are cut off when the grace period is over.
    expect(await service.stop()).toBe(0);
    expect(stream.status).toBe(0);
  });
});

describe('a service that cannot run', () => {
  it('says which setting is wrong', async () => {
    await expect(aServiceProcess({}, '--default-policy', 'open')).rejects.toThrow(/default-policy.*open/s);
    await expect(aServiceProcess({}, '--identity-addr', '127.0.0.1:1')).rejects.toThrow(
      /identity-token-file/,
    );
    await expect(aServiceProcess({}, '--service-cidr', 'all')).rejects.toThrow(
      /service-cidr.*an IPv4 network/s,
    );
  });
});
