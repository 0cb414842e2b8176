import { afterEach, describe, expect, it } from '@jest/globals';
import type { OutboundPolicy } from '@weft/policy';
import { recordHello } from '../tls/client-hello.builder.ts';
import type { Listener } from '../transport/listener.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { listenLoopback, type SocketPair, socketPair } from '../transport/socket-pair.builder.ts';
import {
  backendAt,
  FakeDiscovered,
  failingBackend,
  opaqueRoute,
  outboundWorld,
  policyOf,
  tlsRoute,
} from './outbound.builder.ts';

const open: { close(): void }[] = [];
const closeAll = () => {
  for (const each of open.splice(0)) each.close();
};
afterEach(closeAll);

/** An endpoint that keeps what it hears and answers with its name. */
async function endpoint(
  name: string,
): Promise<{ listener: Listener; heard: RecordingHandler; count: number }> {
  const listener = await listenLoopback();
  open.push(listener);
  const state = { listener, heard: new RecordingHandler(), count: 0 };
  listener.accept((connection) => {
    state.count++;
    connection.handler = state.heard;
    connection.write(Buffer.from(name));
    open.push({ close: () => connection.destroy() });
  });
  return state;
}

async function connectionUnder(policy: OutboundPolicy) {
  const world = outboundWorld();
  const pair: SocketPair = await socketPair();
  open.push(pair);
  const client = new RecordingHandler();
  pair.client.handler = client;
  const done = world
    .server(async () => new FakeDiscovered(policy))
    .accept(pair.server, { ip: '10.0.0.1', port: 443 });
  return { ...world, pair, client, done, metrics: () => world.registry.render(0) };
}

const exact = (host: string) => [{ kind: 'exact', host }] as const;

describe('a destination of TLS routes', () => {
  it('gets its ClientHello untouched, at the backend of the server name', async () => {
    const [shop, rest] = [await endpoint('shop'), await endpoint('rest')];
    const policy = policyOf({
      kind: 'tls',
      routes: [
        tlsRoute('rest', backendAt(rest.listener.address)),
        tlsRoute('shop', backendAt(shop.listener.address), exact('shop.test')),
      ],
    });
    const hello = await recordHello({ servername: 'shop.test' });
    const { pair, client, done, metrics } = await connectionUnder(policy);
    // In two pieces, the first too short to say anything.
    pair.client.write(hello.subarray(0, 3));
    await new Promise((resolve) => setTimeout(resolve, 20));
    pair.client.write(hello.subarray(3));
    await client.when(({ text }) => text === 'shop');
    expect(Buffer.concat(shop.heard.chunks)).toEqual(hello);
    expect(rest.count).toBe(0);
    closeAll();
    await done;
    expect(metrics()).toMatch(
      /outbound_tls_route_open_total\{parent_group="",parent_kind="Service",.*route_name="shop",hostname="shop.test"\} 1/,
    );
    expect(metrics()).toMatch(
      /outbound_tcp_protocol_connections_total\{protocol="tls",.*parent_name="orders".*\} 1/,
    );
    expect(metrics()).toContain(`outbound_tls_balancer_p2c_endpoints{concrete="127.0.0.1:`);
  });

  it.each([
    ['a name that no route has', { servername: 'other.test' }, 'no route'],
    ['no name at all', {}, 'no TLS with a server name'],
  ])('closes connections for %s', async (_what, options, reason) => {
    const shop = await endpoint('shop');
    const routes = [tlsRoute('shop', backendAt(shop.listener.address), exact('shop.test'))];
    const { pair, client, done, log } = await connectionUnder(policyOf({ kind: 'tls', routes }));
    pair.client.write(await recordHello(options));
    await client.when(({ ended }) => ended);
    await done;
    expect(shop.count).toBe(0);
    expect(String(log.lines[0]?.fields.error)).toContain(reason);
  });

  it('closes connections that are not TLS', async () => {
    const shop = await endpoint('shop');
    const routes = [tlsRoute('any', backendAt(shop.listener.address))];
    const { pair, client, done, metrics } = await connectionUnder(policyOf({ kind: 'tls', routes }));
    pair.client.write(Buffer.from('GET / HTTP/1.1\r\nhost: shop\r\n\r\n'));
    await client.when(({ ended }) => ended);
    await done;
    expect(shop.count).toBe(0);
    expect(metrics()).toContain('error="unexpected"} 1');
  });
});

describe('an opaque route', () => {
  it('carries the connection and counts it, and its bytes by locality', async () => {
    const shop = await endpoint('shop');
    const route = opaqueRoute('all', backendAt(shop.listener.address));
    const { pair, client, done, metrics } = await connectionUnder(policyOf({ kind: 'opaque', route }));
    pair.client.write(Buffer.from('hello'));
    await client.when(({ text }) => text === 'shop');
    await shop.heard.when(({ text }) => text === 'hello');
    closeAll();
    await done;
    expect(metrics()).toMatch(
      /outbound_tcp_route_open_total\{.*route_name="all",target_ip="10.0.0.1",target_port="443"\} 1/,
    );
    expect(metrics()).toContain(
      'outbound_tcp_transfer_cost_bytes_total{op="Send",zone_locality="Unknown"} 5',
    );
    expect(metrics()).toContain(
      'outbound_tcp_transfer_cost_bytes_total{op="Recv",zone_locality="Unknown"} 4',
    );
    expect(metrics()).toMatch(
      /outbound_tcp_balancer_p2c_endpoints\{.*logical="10.0.0.1:443",concrete="127.0.0.1:\d+"\} 1/,
    );
  });

  it.each([
    ['forbidden', [{ kind: 'forbidden' }] as const],
    ['invalid_backend', [{ kind: 'invalid', message: 'no such port' }] as const],
    ['invalid_policy', [{ kind: 'unknown' }] as const],
  ])('with a filter refuses before anything is dialled: %s', async (label, filters) => {
    const shop = await endpoint('shop');
    const route = opaqueRoute('all', backendAt(shop.listener.address), filters);
    const { client, done, metrics } = await connectionUnder(policyOf({ kind: 'opaque', route }));
    await client.when(({ ended }) => ended);
    await done;
    expect(shop.count).toBe(0);
    expect(metrics()).toMatch(new RegExp(`outbound_tcp_route_close_total\\{.*error="${label}"\\} 1`));
  });

  it('says what a failing backend says', async () => {
    const route = opaqueRoute('all', failingBackend('no such service'));
    const { client, done, metrics, log } = await connectionUnder(policyOf({ kind: 'opaque', route }));
    await client.when(({ ended }) => ended);
    await done;
    expect(String(log.lines[0]?.fields.error)).toContain('logical service 10.0.0.1:443: no such service');
    expect(metrics()).toMatch(/outbound_tcp_route_close_total\{.*error="unexpected"\} 1/);
  });
});
