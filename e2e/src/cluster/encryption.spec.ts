import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../harness/folder.ts';
import { bytesOf, type Packet } from '../harness/pcap.ts';
import { capture } from './harness/capture.ts';
import { FELT_WITHIN_MS, feltAfter } from './harness/felt.ts';
import { installed } from './harness/installation.ts';
import { get, toYaml } from './harness/kubectl.ts';
import { aMeshTlsAuthentication, anAuthorizationPolicy, aServer, policyRef } from './harness/policies.ts';
import { openShopIn } from './harness/shop.ts';
import type { TestNamespace } from './harness/test-namespace.ts';

const DEBUG = { 'config.linkerd.io/enable-debug-sidecar': 'true' };

/** Between them they see everything that is said in the shop. */
const WATCHED = ['web', 'mail', 'ticker', 'reports'];

/** What a request of each protocol would show: a page, an order's method and reply, a mail, a WebSocket. */
const TELLTALES = [
  'GET /',
  'HTTP/1.1',
  'shop.orders.Orders',
  'MAIL FROM',
  'Your order',
  'Sec-WebSocket',
  '"price":',
];
const INBOUND = 4143;

/** Content types of TLS records (RFC 8446, 5.1), and the first message of a handshake. */
const RECORD_TYPES = [20, 21, 22, 23];
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;

/** Where something else than a record of TLS begins; -1 when there is nothing else. */
function foreignByte(bytes: Buffer): number {
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    if (!RECORD_TYPES.includes(bytes[at]!) || bytes[at + 1] !== 3) return at;
  return -1;
}

/** The shop's front door for the mesh alone. The Server comes last: from then on everything else is shut out. */
const MESH_TLS_FOR_WEB: readonly Manifest[] = [
  aMeshTlsAuthentication('everybody-meshed', { identities: ['*'] }),
  anAuthorizationPolicy('web-for-the-mesh', {
    targetRef: policyRef('Server', 'web-http'),
    requiredAuthenticationRefs: [policyRef('MeshTLSAuthentication', 'everybody-meshed')],
  }),
  aServer('web-http', {
    podSelector: { matchLabels: { app: 'web' } },
    port: 'http',
    proxyProtocol: 'HTTP/1',
  }),
];

let shop: TestNamespace;

beforeAll(async () => {
  await installed();
  shop = await openShopIn('encryption-shop', DEBUG, WATCHED);
});
afterAll(() => shop?.delete());

describe('what packets show of the shop', () => {
  const secret = `secret-${Date.now()}`;
  let packets: readonly Packet[];
  const ips = new Map<string, string>();

  beforeAll(async () => {
    packets = await captureAll(WATCHED, async () => {
      // A new client, so that the beginning of its connections is seen.
      await shop.kubectl(['scale', 'deploy', 'traffic', '--replicas=2']);
      await shop.ready();
      for (let n = 0; n < 3; n++) expect(await ask('traffic', 'http://web/')).toBe('200\n');
      expect(await ask('legacy', 'http://web/')).toBe('200\n');
      expect(await ask('reports', 'http://legacy:9000/figures')).toBe('200\n');
    });
    for (const workload of ['web', 'orders', 'mail', 'ticker', 'traffic', 'legacy', 'reports'])
      for (const { status } of await shop.pods(workload)) ips.set(status.podIP!, workload);
    // What no proxy handles leaves the pod for the service's own address.
    const { spec } = await get<{ spec: { clusterIP: string } }>('service', 'legacy', '-n', shop.name);
    ips.set(spec.clusterIP, 'legacy');
  });

  /** Records at several workloads at once. */
  async function captureAll(
    [first, ...others]: readonly string[],
    during: () => Promise<void>,
  ): Promise<readonly Packet[]> {
    if (first === undefined) {
      await during();
      return [];
    }
    let more: readonly Packet[] = [];
    const packets = await capture(shop, first, async () => {
      more = await captureAll(others, during);
    });
    return [...packets, ...more];
  }

  const ask = (from: string, url: string) => shop.inside(from, 'status.mjs', url, `x-secret=${secret}`);
  const between = (from: string, to: string) =>
    packets.filter((packet) => ips.get(packet.from) === from && ips.get(packet.to) === to);
  const showing = (text: string) => (packet: Packet) => packet.payload.includes(text);
  const OUTSIDE = 'legacy';
  const isMeshed = (ip: string) => ips.has(ip) && ips.get(ip) !== OUTSIDE;
  const withinTheMesh = () => packets.filter(({ from, to }) => isMeshed(from) && isMeshed(to));

  it.each([
    ['traffic', 'web'],
    ['web', 'orders'],
    ['orders', 'mail'],
    ['orders', 'ticker'],
  ])('is nothing of what %s says to %s, nor of the answers', (client, server) => {
    const said = [...between(client, server), ...between(server, client)];
    expect(said.length).toBeGreaterThan(20);
    for (const text of [secret, ...TELLTALES])
      expect([text, said.filter(showing(text)).length]).toEqual([text, 0]);
  });

  it('is nothing at all of what is said in the mesh: it all goes from proxy to proxy', () => {
    const within = withinTheMesh();
    expect(within.filter((packet) => [secret, ...TELLTALES].some((text) => showing(text)(packet)))).toEqual(
      [],
    );
    expect(new Set(within.map(({ fromPort, toPort }) => Math.min(fromPort, toPort)))).toEqual(
      new Set([INBOUND]),
    );
  });

  it('is TLS from the first byte of a new connection to the last', () => {
    const connections = Map.groupBy(withinTheMesh(), ({ from, fromPort, to, toPort }) =>
      [from, fromPort, to, toPort].join(' '),
    );
    const begun = [...connections.values()]
      .map(bytesOf)
      .filter((bytes) => bytes[0] === HANDSHAKE && bytes[5] === CLIENT_HELLO);
    expect(begun.length).toBeGreaterThan(0);
    for (const bytes of begun) expect(foreignByte(bytes)).toBe(-1);
  });

  it('is everything that a client outside of the mesh says, and what is said over a skipped port', () => {
    expect(between('legacy', 'web').filter(showing(secret)).length).toBeGreaterThan(0);
    expect(between('web', 'legacy').filter(showing('The shop')).length).toBeGreaterThan(0);
    expect(between('reports', 'legacy').filter(showing(secret)).length).toBeGreaterThan(0);
    expect(between('legacy', 'reports').filter(showing('legacy says hello')).length).toBeGreaterThan(0);
  });
});

describe('whom the shop turns away', () => {
  it('is an intruder, with 403, and PERMISSION_DENIED by gRPC', async () => {
    expect(await shop.inside('intruder', 'status.mjs', 'http://ticker/')).toBe('403\n');
    expect(await shop.inside('intruder', 'place-order.mjs', 'orders:50051')).toMatch(/^7 /);
    expect(await shop.inside('web', 'place-order.mjs', 'orders:50051')).toBe('OK\n');
  });

  it('is legacy, within 2 s of a policy that demands mesh TLS, and nobody 2 s after it is gone', async () => {
    const url = 'http://web/';
    const felt = (status: string, edit: () => Promise<unknown>) =>
      feltAfter(shop, { client: 'legacy', url, status }, edit);
    expect(await shop.inside('legacy', 'status.mjs', url)).toBe('200\n');
    expect(await felt('403', () => shop.apply(...MESH_TLS_FOR_WEB))).toBeLessThan(FELT_WITHIN_MS);
    expect(await shop.inside('traffic', 'status.mjs', url)).toBe('200\n');
    const remove = () => shop.kubectl(['delete', '-f', '-'], toYaml([...MESH_TLS_FOR_WEB].reverse()));
    expect(await felt('200', remove)).toBeLessThan(FELT_WITHIN_MS);
  });
});
