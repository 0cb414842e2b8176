import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Tap, type TapEvent } from '@weft/proto/tap';
import { configOf } from '../config/environment.builder.ts';
import { GrpcClient } from '../grpc/client.ts';
import { OneConnection } from '../grpc/grpc-server.builder.ts';
import { type GrpcStatus, StatusCode } from '../grpc/status.ts';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { App, InboundWorld, until } from '../inbound/inbound-server.builder.ts';
import { observeRequest, onPath } from '../tap/tap.builder.ts';
import type { DialOptions } from '../tls/dial.builder.ts';
import { dial } from '../tls/dial.builder.ts';
import { credentialsOf, issuer, ORDERS, WEB } from '../tls/mesh-tls.builder.ts';
import type { Connection } from '../transport/connection.ts';
import type { Listener } from '../transport/listener.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { createTap } from './tap.ts';

const TAP = 'tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local';
const tapper = () => credentialsOf(issuer.certify(TAP));

/** The inbound side of a proxy with its tap port, as the program assembles them. */
let world: InboundWorld;
let listener: Listener;
const opened: Connection[] = [];

beforeEach(async () => {
  world = await InboundWorld.start();
  listener = await listenLoopback();
  const config = configOf({ IDENTITY_LOCAL_NAME: ORDERS, TAP_SVC_NAME: TAP });
  const server = createTap(config, world.runtime, credentialsOf(issuer.certify(ORDERS)));
  listener.accept((connection) => void server?.accept(connection));
});

afterEach(() => {
  for (const connection of opened.splice(0)) connection.destroy();
  listener.close();
  world.close();
});

/** Observes until the signal is aborted, and keeps what comes. */
async function observing(request = observeRequest(), options: DialOptions = { tls: tapper() }) {
  const { connection } = await dial(listener.address, options);
  opened.push(connection);
  const client = new GrpcClient(new OneConnection(new Http2ClientConnection(connection)), 'orders:4190');
  const heard = { events: [] as TapEvent[], status: null as GrpcStatus | null };
  const abort = new AbortController();
  client.watch(
    Tap.method.observe,
    request,
    {
      onMessage: (event) => void heard.events.push(event),
      onEnd: (status) => {
        heard.status = status;
      },
    },
    abort.signal,
  );
  return { heard, abort };
}

async function get(path: string, options: DialOptions = {}): Promise<string> {
  const client = await world.dial(options);
  client.send(`GET ${path} HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n\r\n`);
  await client.heard.when(({ ended, closes }) => ended || closes > 0);
  return client.heard.text;
}

const answering = () => App.http((_request, response) => response.end('hello'));

describe('the tap port', () => {
  it('tells the one who may of the requests that match', async () => {
    await world.app(answering());
    const { heard } = await observing(observeRequest({ match: onPath('/api'), headers: true }));
    await until(() => world.runtime.taps.active);
    await get('/other');
    expect(await get('/api/1?a=b', { tls: credentialsOf(issuer.certify(WEB)) })).toContain('hello');
    await until(() => heard.status !== null);
    expect(heard.status).toEqual({ code: StatusCode.Ok, message: '' });
    const kinds = heard.events.map(({ event }) => event.value?.event.case);
    expect(kinds).toEqual(['requestInit', 'responseInit', 'responseEnd']);
    expect(heard.events[0]).toMatchObject({
      sourceMeta: { labels: { tls: 'true', client_id: WEB } },
      destination: { port: world.target.port },
      destinationMeta: { labels: { tls: 'loopback', srv_name: 'web', route_name: 'default' } },
      event: { value: { event: { value: { path: '/api/1', authority: 'orders' } } } },
    });
  });

  it.each<[string, () => DialOptions, string]>([
    ['without TLS', () => ({}), 'loopback'],
    ['without a certificate', () => ({ tls: credentialsOf() }), 'Unauthorized client'],
    ['of another name', () => ({ tls: credentialsOf(issuer.certify(WEB)) }), 'Unauthorized client'],
  ])('refuses clients %s', async (_what, options, message) => {
    const { heard } = await observing(observeRequest(), options());
    await until(() => heard.status !== null);
    expect(heard.status).toEqual({ code: StatusCode.Unauthenticated, message });
    expect(world.metrics('proxy_tap_refused_total{reason="client"}')).toEqual([
      'proxy_tap_refused_total{reason="client"} 1',
    ]);
    expect(world.runtime.taps.active).toBe(false);
  });

  it('closes TLS that is for somebody else', async () => {
    const dialing = dial(listener.address, { tls: tapper(), serverName: 'shop.example' });
    await expect(dialing).rejects.toMatchObject({ code: 'tls' });
  });

  it('says what is wrong with a request', async () => {
    const { heard } = await observing(observeRequest({ limit: 0 }));
    await until(() => heard.status !== null);
    expect(heard.status).toEqual({ code: StatusCode.InvalidArgument, message: 'limit must be positive' });
  });

  it('does not let a client that never reads hold up requests, nor keep much for it', async () => {
    await world.app(answering());
    const tapping = await observing(observeRequest({ limit: 10_000, headers: true }));
    await until(() => world.runtime.taps.active);
    opened[0]?.pause();
    const client = await world.dial();
    const answers = () => client.heard.text.split('hello').length - 1;
    const cookie = 'x'.repeat(1000);
    for (let sent = 1; sent <= 450; sent++) {
      client.send(`GET /${sent} HTTP/1.1\r\nhost: orders\r\ncookie: ${cookie}\r\n\r\n`);
      await until(() => answers() === sent);
    }
    const [dropped] = world.metrics('proxy_tap_dropped_events_total{reason="slow_reader"}');
    expect(Number(dropped?.split(' ')[1])).toBeGreaterThan(0);
    tapping.abort.abort();
  });

  it('forgets a tap whose client leaves', async () => {
    const { abort } = await observing();
    await until(() => world.runtime.taps.active);
    abort.abort();
    await until(() => !world.runtime.taps.active);
  });

  it('forgets a tap whose connection breaks', async () => {
    await observing();
    await until(() => world.runtime.taps.active);
    opened[0]?.destroy();
    await until(() => !world.runtime.taps.active);
  });

  it('does not hold up the end of the process', async () => {
    const { heard } = await observing();
    await until(() => world.runtime.taps.active);
    await world.runtime.drain.start();
    await until(() => heard.status !== null);
    expect(heard.status?.code).toBe(StatusCode.Unavailable);
  });

  it('is not there when nobody may tap', () => {
    expect(createTap(configOf(), world.runtime, credentialsOf())).toBeNull();
  });
});
