import { describe, expect, it } from '@jest/globals';
import type { OutboundHttpRule, ProfileRoute } from '@weft/policy';
import { responseHead } from '../../exchange/exchange.builder.ts';
import { getHeader } from '../../http/headers.ts';
import { backendAt, httpPolicy, profileOf } from '../outbound.builder.ts';
import { OutboundBench } from '../outbound-bench.builder.ts';

const backend = backendAt({ ip: '10.1.0.1', port: 8080 });
const none = { requestMs: null, responseMs: null, idleMs: null };
const limited = (timeouts: Partial<OutboundHttpRule['timeouts']>, over: Partial<OutboundHttpRule> = {}) =>
  new OutboundBench({ policy: httpPolicy(backend, { timeouts: { ...none, ...timeouts }, ...over }) });

const route = (over: Partial<ProfileRoute>): ProfileRoute => ({
  condition: { kind: 'all', of: [] },
  responseClasses: [],
  labels: new Map([['rt_route', 'all']]),
  retryable: false,
  timeoutMs: null,
  ...over,
});

describe('a request that takes too long', () => {
  it('is answered 504 while its response has not begun', () => {
    const bench = limited({ requestMs: 250 });
    const { downstream } = bench.send();
    bench.clock.advance(249);
    expect(downstream.head).toBeNull();
    bench.clock.advance(1);
    expect(downstream.head?.status).toBe(504);
    expect(getHeader(downstream.head?.headers ?? [], 'l5d-proxy-error')).toMatch(
      /: timed out waiting for response headers: request timeout: 250ms$/,
    );
    expect(downstream.events).not.toContain('close-after');
    expect(bench.endpoint.http1.events).toEqual(['GET / ended', 'reset 8']);
    expect(bench.series('outbound_http_route_request_statuses_total').join()).toContain(
      'http_status="",error="REQUEST_TIMEOUT"',
    );
  });

  it('is cut when its response has begun', () => {
    const bench = limited({ responseMs: 1500 });
    const { downstream } = bench.send();
    bench.endpoint.http1.handler?.onResponseHead(responseHead(200), false);
    bench.clock.advance(1500);
    expect(downstream.events).toEqual(['head 200', 'reset 2']);
    expect(bench.series('outbound_http_route_request_statuses_total').join()).toContain(
      'http_status="200",error="RESPONSE_STREAM_TIMEOUT"',
    );
  });

  it('gets trailers when it is gRPC and its response has begun', () => {
    const bench = limited({ responseMs: 100 });
    const { downstream } = bench.send({ version: '2', headers: ['content-type', 'application/grpc'] });
    bench.endpoint.http2.handler?.onResponseHead(responseHead(200), false);
    bench.clock.advance(100);
    expect(downstream.events[1]).toMatch(/^end grpc-status 4 grpc-message timed out processing/);
  });

  it('is not timed any more when it is over', () => {
    const bench = limited({ requestMs: 100, responseMs: 100, idleMs: 100 });
    const { downstream } = bench.send();
    bench.endpoint.http1.handler?.onResponseHead(responseHead(200), true);
    bench.clock.advance(1000);
    expect(downstream.events).toEqual(['head 200 ended']);
  });

  it('is idle when neither body moves', () => {
    const bench = limited({ idleMs: 100 });
    const { exchange, downstream } = bench.send({ method: 'POST' }, false);
    bench.clock.advance(80);
    exchange.onRequestData(Buffer.from('x'));
    bench.clock.advance(80);
    exchange.onRequestEnd(null);
    bench.clock.advance(500);
    bench.endpoint.http1.handler?.onResponseHead(responseHead(200), false);
    bench.clock.advance(80);
    bench.endpoint.http1.handler?.onResponseData(Buffer.from('y'));
    bench.clock.advance(80);
    expect(downstream.events).toEqual(['head 200', 'data y']);
    bench.clock.advance(20);
    expect(downstream.events).toEqual(['head 200', 'data y', 'reset 2']);
  });
});

describe('the time limits an application asks for', () => {
  const headers = () => ['l5d-timeout', '10s', 'l5d-request-timeout', '50ms', 'l5d-response-timeout', '?'];

  it('hold where the route lets them, and do not go on', () => {
    const bench = limited({ requestMs: 1000 }, { allowL5dHeaders: true });
    const { exchange, downstream } = bench.send({ headers: headers() });
    expect(exchange.request.headers.filter((name) => name.startsWith('l5d-'))).toEqual([]);
    bench.clock.advance(50);
    expect(downstream.head?.status).toBe(504);
  });

  it('are fields like any other where it does not', () => {
    const bench = limited({});
    const { exchange, downstream } = bench.send({ headers: headers() });
    expect(getHeader(exchange.request.headers, 'l5d-timeout')).toBe('10s');
    bench.clock.advance(100_000);
    expect(downstream.head).toBeNull();
  });
});

describe('the time limit of a profile', () => {
  it('holds until the head of the response', () => {
    const bench = new OutboundBench({ profile: profileOf({ routes: [route({ timeoutMs: 1000 })] }) });
    const late = bench.send();
    bench.clock.advance(1000);
    expect(late.downstream.head?.status).toBe(504);
    expect(late.downstream.events).toContain('close-after');
    expect(getHeader(late.downstream.head?.headers ?? [], 'l5d-proxy-error')).toMatch(
      /: HTTP response timeout after 1s$/,
    );
    expect(bench.series('route_response_total').join()).toMatch(
      /dst="orders.shop.svc.cluster.local:80",rt_route="all",classification="failure",grpc_status="",error="timeout"/,
    );
    const slow = bench.send();
    bench.endpoint.http1.handler?.onResponseHead(responseHead(200), false);
    bench.clock.advance(5000);
    expect(slow.downstream.events).toEqual(['head 200']);
  });
});
