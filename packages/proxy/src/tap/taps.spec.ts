import { beforeEach, describe, expect, it } from '@jest/globals';
import { TapEvent_ProxyDirection } from '@weft/proto/tap';
import { FakeClock } from '../balance/balancer.builder.ts';
import { FakeClient, responseHead } from '../exchange/exchange.builder.ts';
import { StatusCode } from '../grpc/status.ts';
import { RecordedResponse } from '../http1/recording-response.builder.ts';
import { Registry } from '../metrics/registry.ts';
import { memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import type { TapLimits } from './budget.ts';
import { TapMetrics } from './metrics.ts';
import { observeRequest, onPath, onPorts, type SubjectInit, TapReader, tapSubject } from './tap.builder.ts';
import { Taps } from './taps.ts';

let clock: FakeClock;
let registry: Registry;
let client: FakeClient;

beforeEach(() => {
  clock = new FakeClock();
  registry = new Registry(0);
  client = new FakeClient();
});

function tapsOf(limits: Partial<TapLimits> = {}): Taps {
  const generous = {
    taps: 10,
    conditions: 100,
    requestsPerSecond: 1000,
    queuedEvents: 400,
    queuedBytes: 1e6,
  };
  return new Taps({ ...generous, ...limits }, new TapMetrics(registry), () => clock.now());
}

/** Sends a request the way it would go; `handler` is what the endpoint answers to. */
function send(taps: Taps, subject: SubjectInit = {}, ended = true) {
  const about = tapSubject(subject);
  const response = new RecordedResponse();
  const stream = taps.over(about, client).request(about.request, ended, response);
  const handler = client.handlers.at(-1);
  if (handler === undefined) throw new Error('the request was not sent');
  return { handler, response, stream };
}

function exchange(taps: Taps, subject: SubjectInit = {}) {
  const sent = send(taps, subject);
  sent.handler.onResponseHead(responseHead(), true);
  return sent;
}

const metric = (name: string): number => {
  const line = registry.render(0).match(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm'));
  return Number(line?.[1]);
};

describe('without taps', () => {
  it('requests go to their client directly', () => {
    const taps = tapsOf();
    expect(taps.active).toBe(false);
    expect(taps.over(tapSubject(), client)).toBe(client);
  });
});

describe('a tapped request', () => {
  it('passes untouched, in both directions', () => {
    const taps = tapsOf();
    taps.start(observeRequest(), new TapReader());
    const { handler, response, stream } = send(taps, { request: { method: 'POST' } }, false);
    stream.writeData(Buffer.from('body'));
    stream.pauseResponse();
    stream.resumeResponse();
    stream.end(['x', 'y']);
    expect(client.events).toEqual(['POST /', 'data body', 'pause', 'resume', 'end']);
    handler.onResponseHead(responseHead(201), false);
    handler.onResponseData(Buffer.from('answer'));
    handler.onResponseEnd(['grpc-status', '0']);
    expect(response).toMatchObject({ body: 'answer', ended: true });
    expect(response.head?.status).toBe(201);
  });

  it('is told of in three events, with times since its beginning', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest(), reader);
    const { handler } = send(taps, { request: { method: 'PUT', path: '/a?b=c', authority: 'web:80' } });
    clock.advance(1500.25);
    handler.onResponseHead(responseHead(202), false);
    clock.advance(20);
    handler.onResponseData(Buffer.alloc(1000));
    handler.onResponseEnd(null);
    expect(reader.heard).toEqual(['requestInit 0/0', 'responseInit 0/0', 'responseEnd 0/0']);
    expect(reader.only('requestInit')).toMatchObject({
      method: { type: { case: 'registered', value: 2 } },
      scheme: { type: { case: 'registered', value: 0 } },
      authority: 'web:80',
      path: '/a',
    });
    expect(reader.only('responseInit')).toMatchObject({
      httpStatus: 202,
      sinceRequestInit: { seconds: 1n, nanos: 500_250_000 },
    });
    expect(reader.only('responseEnd')).toMatchObject({
      sinceRequestInit: { seconds: 1n, nanos: 520_250_000 },
      sinceResponseInit: { seconds: 0n, nanos: 20_000_000 },
      responseBytes: 1000n,
      eos: { end: { case: undefined } },
    });
    expect(reader.only('requestInit').headers).toBeUndefined();
    expect(reader.only('responseInit').headers).toBeUndefined();
  });

  it('is told of with who talks to whom', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest(), reader);
    exchange(taps, {
      direction: 'inbound',
      sourceLabels: [
        ['tls', 'no_identity'],
        ['no_tls_reason', 'no_tls_from_remote'],
      ],
      destinationLabels: [['pod', 'p9']],
      routeLabels: [['route', 'GET /']],
    });
    for (const event of reader.events) {
      expect(event).toMatchObject({
        source: { ip: { ip: { case: 'ipv4', value: 0x0a00_0009 } }, port: 40_000 },
        sourceMeta: { labels: { tls: 'no_tls_from_remote' } },
        destination: { ip: { ip: { case: 'ipv4', value: 0x0a00_0005 } }, port: 8080 },
        destinationMeta: { labels: { pod: 'p9', tls: 'true', server_id: 'orders' } },
        routeMeta: { labels: { route: 'GET /' } },
        proxyDirection: TapEvent_ProxyDirection.INBOUND,
      });
      expect(event.sourceMeta?.labels).not.toHaveProperty('no_tls_reason');
    }
  });

  it('is told of with header fields and trailers where they are asked for', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest({ headers: true }), reader);
    const headers = ['x-mark', 'caf\xe9', 'l5d-orig-proto', 'HTTP/1.1', 'x-mark', 'two'];
    const { handler } = send(taps, { request: { headers } });
    handler.onResponseHead(responseHead(200, ['server', 'x']), false);
    handler.onResponseEnd(['grpc-status', '5']);
    const fields = (from?: { headers: readonly { name: string; value: Uint8Array }[] }) =>
      from?.headers.map(({ name, value }) => `${name}: ${Buffer.from(value).toString('latin1')}`);
    expect(fields(reader.only('requestInit').headers)).toEqual(['x-mark: caf\xe9', 'x-mark: two']);
    expect(fields(reader.only('responseInit').headers)).toEqual(['server: x']);
    expect(fields(reader.only('responseEnd').trailers)).toEqual(['grpc-status: 5']);
  });

  it('of HTTP/2 has its pseudo-fields first', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest({ headers: true }), reader);
    exchange(taps, { version: '2', request: { authority: 'web', path: '/a?b', headers: ['x', 'y'] } });
    const names = (from?: { headers: readonly { name: string }[] }) => from?.headers.map(({ name }) => name);
    expect(names(reader.only('requestInit').headers)).toEqual([
      ...[':method', ':scheme', ':authority', ':path'],
      'x',
    ]);
    expect(names(reader.only('responseInit').headers)).toEqual([':status']);
  });

  it.each([
    ['in the head', ['grpc-status', '5'], null],
    ['in trailers', [], ['grpc-status', '5']],
  ])('says the gRPC status %s', (_where, headers, trailers) => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest(), reader);
    const { handler } = send(taps);
    handler.onResponseHead(responseHead(200, headers), trailers === null);
    if (trailers !== null) handler.onResponseEnd(trailers);
    expect(reader.only('responseEnd').eos?.end).toEqual({ case: 'grpcStatusCode', value: 5 });
  });

  it('says the code of a reset, by the endpoint or by the client', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest({ limit: 2 }), reader);
    send(taps).handler.onResponseReset({ kind: 'reset', code: 7 });
    send(taps).stream.reset({ kind: 'reset', code: 8 });
    expect(reader.heard.slice(0, 2)).toEqual(['requestInit 0/0', 'responseEnd 0/0']);
    const ends = reader.events
      .map((event) => event.event.value?.event)
      .filter((e) => e?.case === 'responseEnd');
    expect(ends.map((end) => end?.value)).toMatchObject([
      { eos: { end: { case: 'resetErrorCode', value: 7 } } },
      { eos: { end: { case: 'resetErrorCode', value: 8 } } },
    ]);
    expect(ends[0]?.value).not.toHaveProperty('sinceResponseInit');
    expect(client.events.at(-1)).toBe('reset 8');
  });

  it('that leaves HTTP is over with the head of its response', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest(), reader);
    const { handler, response } = send(taps, { request: { wantsUpgrade: true } });
    const tunnel = { connection: memoryConnectionPair()[0], initial: Buffer.alloc(0) };
    handler.onUpgrade(responseHead(101), tunnel);
    expect(reader.only('responseInit').httpStatus).toBe(101);
    expect(reader.status?.code).toBe(StatusCode.Ok);
    expect(response.tunnel).toBe(tunnel);
  });

  it('says nothing when the connection broke, but that it is over', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest(), reader);
    const { handler, response } = send(taps);
    handler.onResponseHead(responseHead(), false);
    handler.onResponseReset({ kind: 'io', error: new Error('ECONNRESET') });
    handler.onResponseReset({ kind: 'io', error: new Error('ECONNRESET') });
    expect(reader.only('responseEnd').eos?.end.case).toBeUndefined();
    expect(response.reset?.kind).toBe('io');
  });
});

describe('a tap', () => {
  it('takes the first requests that match, and ends when they are over', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest({ limit: 2, match: onPath('/api') }), reader);
    exchange(taps, { request: { path: '/other' } });
    const first = send(taps, { request: { path: '/api/1' } });
    expect(taps.active).toBe(true);
    exchange(taps, { request: { path: '/api/2' } });
    expect(taps.active).toBe(false);
    exchange(taps, { request: { path: '/api/3' } });
    expect(reader.status).toBeNull();
    first.handler.onResponseHead(responseHead(), true);
    expect(reader.status).toEqual({ code: StatusCode.Ok, message: '' });
    expect(reader.heard.filter((event) => event.startsWith('requestInit'))).toEqual([
      'requestInit 0/0',
      'requestInit 0/1',
    ]);
    expect(metric('proxy_taps')).toBe(0);
    expect(metric('proxy_tap_events_total')).toBe(6);
  });

  it('does not disturb another', () => {
    const taps = tapsOf();
    const [one, two] = [new TapReader(), new TapReader()];
    taps.start(observeRequest(), one);
    taps.start(observeRequest({ limit: 2 }), two);
    exchange(taps);
    exchange(taps);
    expect(one.heard).toEqual(['requestInit 0/0', 'responseInit 0/0', 'responseEnd 0/0']);
    expect(two.heard.slice(0, 3)).toEqual(['requestInit 1/0', 'responseInit 1/0', 'responseEnd 1/0']);
    expect([one.status?.code, two.status?.code]).toEqual([0, 0]);
  });

  it('whose client has gone costs nothing more, also for requests under way', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    const tap = taps.start(observeRequest({ limit: 5 }), reader);
    const { handler, response } = send(taps);
    tap.close();
    expect(taps.active).toBe(false);
    handler.onResponseHead(responseHead(), true);
    expect(response.head?.status).toBe(200);
    expect(reader.heard).toEqual(['requestInit 0/0']);
    expect(reader.status).toBeNull();
    expect(metric('proxy_taps')).toBe(0);
  });

  it('is sent away with the rest', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    taps.start(observeRequest(), reader);
    const { handler } = send(taps);
    taps.endAll({ code: StatusCode.Unavailable, message: 'shutting down' });
    handler.onResponseHead(responseHead(), true);
    expect(reader.status).toEqual({ code: StatusCode.Unavailable, message: 'shutting down' });
    expect(reader.heard).toHaveLength(1);
  });

  it('without a limit or with a match that makes no sense is refused', () => {
    const taps = tapsOf();
    const start = (limit: number, match = onPorts(0)) =>
      taps.start(observeRequest({ limit, match }), new TapReader());
    expect(() => start(0, onPorts(1))).toThrow('limit must be positive');
    expect(() => start(1)).toThrow('ports 0-0');
    expect(() => start(1)).toThrow(expect.objectContaining({ code: StatusCode.InvalidArgument }));
    expect(metric('proxy_tap_refused_total{reason="request"}')).toBe(3);
    expect(taps.active).toBe(false);
  });
});

describe('the budget', () => {
  it('bounds the taps, and what all their matches cost', () => {
    const taps = tapsOf({ taps: 2, conditions: 3 });
    const start = (match = onPath('/')) => taps.start(observeRequest({ match }), new TapReader());
    const both = { match: { case: 'all' as const, value: { matches: [onPath('/'), onPath('/a')] } } };
    const first = start();
    expect(() => start(both)).toThrow('too many taps');
    start();
    expect(() => start()).toThrow(expect.objectContaining({ code: StatusCode.ResourceExhausted }));
    expect(metric('proxy_tap_refused_total{reason="capacity"}')).toBe(2);
    first.close();
    start();
    expect(metric('proxy_taps')).toBe(2);
  });

  it('bounds the requests that are told of in a second, whatever they cost', () => {
    const taps = tapsOf({ requestsPerSecond: 10 });
    const reader = new TapReader();
    taps.start(observeRequest({ limit: 1000 }), reader);
    for (let i = 0; i < 25; i++) exchange(taps);
    expect(reader.events).toHaveLength(30);
    expect(metric('proxy_tap_dropped_events_total{reason="rate"}')).toBe(15);
    clock.advance(200);
    for (let i = 0; i < 25; i++) exchange(taps);
    expect(reader.events).toHaveLength(36);
  });

  it('bounds what waits for a slow reader; what finds no room is not tapped', () => {
    const taps = tapsOf({ queuedEvents: 2 });
    const reader = new TapReader();
    const tap = taps.start(observeRequest({ limit: 2 }), reader);
    reader.room = false;
    const first = send(taps);
    first.handler.onResponseHead(responseHead(), true);
    expect(taps.over(tapSubject(), client)).toBe(client);
    expect(metric('proxy_tap_dropped_events_total{reason="slow_reader"}')).toBe(1);
    expect(reader.heard).toEqual(['requestInit 0/0']);
    reader.room = true;
    tap.drained();
    expect(reader.heard).toEqual(['requestInit 0/0', 'responseInit 0/0', 'responseEnd 0/0']);
    exchange(taps);
    expect(reader.heard.slice(3)).toEqual(['requestInit 0/1', 'responseInit 0/1', 'responseEnd 0/1']);
    expect(reader.status?.code).toBe(StatusCode.Ok);
  });

  it('bounds the bytes that wait for all slow readers, and gives back what has left', () => {
    const taps = tapsOf({ queuedBytes: 400 });
    const slow = Array.from({ length: 3 }, () => new TapReader());
    const open = slow.map((reader) => {
      reader.room = false;
      return taps.start(observeRequest({ limit: 100 }), reader);
    });
    const dropped = () => metric('proxy_tap_dropped_events_total{reason="slow_reader"}');
    for (let i = 0; i < 5; i++) exchange(taps);
    const before = dropped();
    expect(before).toBeGreaterThan(0);
    for (const tap of open) tap.close();
    const next = new TapReader();
    next.room = false;
    taps.start(observeRequest({ limit: 100 }), next);
    exchange(taps);
    expect(dropped()).toBe(before);
  });

  it('lets a slow reader have all that was kept for it before the end', () => {
    const taps = tapsOf();
    const reader = new TapReader();
    const tap = taps.start(observeRequest(), reader);
    reader.room = false;
    exchange(taps);
    expect(reader.status).toBeNull();
    tap.drained();
    expect([reader.events.length, reader.status]).toEqual([2, null]);
    tap.drained();
    tap.drained();
    expect([reader.events.length, reader.status?.code]).toEqual([3, 0]);
  });
});

describe('the watched client', () => {
  it('is as ready as the one it stands for', () => {
    const taps = tapsOf();
    taps.start(observeRequest(), new TapReader());
    const watched = taps.over(tapSubject(), client);
    expect(watched).not.toBe(client);
    client.ready = false;
    expect(watched.ready).toBe(false);
    watched.close();
    expect(client.events).toEqual(['close']);
  });
});
