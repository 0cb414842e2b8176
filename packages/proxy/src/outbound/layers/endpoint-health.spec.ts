import { describe, expect, it } from '@jest/globals';
import type { FailureAccrual, LoadParams, OutboundHttpRule } from '@weft/policy';
import { consecutive, unified } from '../../balance/breaker/breaker.builder.ts';
import { responseHead } from '../../exchange/exchange.builder.ts';
import type { RequestHead } from '../../http/message.ts';
import { ConnectError } from '../../transport/connect-error.ts';
import { balancedBackend, httpPolicy } from '../outbound.builder.ts';
import { OutboundBench } from '../outbound-bench.builder.ts';

const service = 'orders.shop.svc.cluster.local:80';
const ready = 'outbound_http_balancer_endpoints';

function bench(
  accrual: FailureAccrual | null,
  { load, rule = {} }: { load?: LoadParams; rule?: Partial<OutboundHttpRule> } = {},
) {
  const world = new OutboundBench({ policy: httpPolicy(balancedBackend(service, load), rule, accrual) });
  const isUsed = () => world.series(ready).some((line) => /endpoint_state="ready".* 1$/.test(line));
  return { world, isUsed };
}

const grpc = (): Partial<RequestHead> => ({
  version: '2',
  method: 'POST',
  headers: ['content-type', 'application/grpc'],
});

describe('an endpoint behind a breaker', () => {
  it.each([
    [500, false],
    [503, false],
    [499, true],
    [429, true],
    [200, true],
  ])('that answers %d is used on: %s', (status, used) => {
    const { world, isUsed } = bench(consecutive(1));
    world.send();
    world.endpoint.http1.handler?.onResponseHead(responseHead(status), true);
    expect(isUsed()).toBe(used);
  });

  it.each(['0', '1', '5', '8'])('that answers gRPC with code %s is used on', (code) => {
    const { world, isUsed } = bench(consecutive(1));
    world.send(grpc());
    world.endpoint.http2.handler?.onResponseHead({ ...responseHead(200), version: '2' }, false);
    world.endpoint.http2.handler?.onResponseEnd(['grpc-status', code]);
    expect(isUsed()).toBe(true);
  });

  it.each(['2', '4', '7', '13', '14', '15'])('that answers gRPC with code %s is not', (code) => {
    const { world, isUsed } = bench(consecutive(1));
    world.send(grpc());
    world.endpoint.http2.handler?.onResponseHead({ ...responseHead(200), version: '2' }, false);
    expect(isUsed()).toBe(true);
    world.endpoint.http2.handler?.onResponseEnd(['grpc-status', code]);
    expect(isUsed()).toBe(false);
  });

  it('that asks for less is not, where the share of good answers counts', () => {
    const { world, isUsed } = bench(unified({ minRequests: 2 }));
    for (let i = 0; i < 2; i++) {
      world.send();
      world.endpoint.http1.handler?.onResponseHead(responseHead(429), true);
    }
    expect(isUsed()).toBe(false);
  });

  it('that breaks an exchange off is not, before and in its answer', () => {
    for (const begun of [false, true]) {
      const { world, isUsed } = bench(consecutive(1));
      world.send();
      if (begun) world.endpoint.http1.handler?.onResponseHead(responseHead(200), false);
      world.endpoint.http1.handler?.onResponseReset({ kind: 'io', error: new Error('ECONNRESET') });
      expect(isUsed()).toBe(false);
    }
  });

  it('is not blamed for a client that leaves, unless it had already failed', () => {
    const { world, isUsed } = bench(consecutive(1));
    world.send().exchange.onRequestReset({ kind: 'reset', code: 8 });
    expect(isUsed()).toBe(true);
    const { exchange } = world.send();
    world.endpoint.http1.handler?.onResponseHead(responseHead(500), false);
    exchange.onRequestReset({ kind: 'reset', code: 8 });
    expect(isUsed()).toBe(false);
  });

  it('is blamed for a time limit that passes, once it had all of the request', () => {
    const rule = { timeouts: { requestMs: 100, responseMs: null, idleMs: null } };
    const { world, isUsed } = bench(consecutive(1), { rule });
    world.send({ method: 'POST' }, false);
    world.clock.advance(100);
    expect(isUsed()).toBe(true);
    world.send();
    world.clock.advance(100);
    expect(isUsed()).toBe(false);
  });

  it('is tried with one request, and its first word decides', () => {
    const { world, isUsed } = bench(consecutive(1));
    world.send();
    world.endpoint.http1.handler?.onResponseHead(responseHead(500), true);
    world.clock.advance(1000);
    expect(isUsed()).toBe(true);
    const probe = world.send();
    expect(isUsed()).toBe(false);
    const waiting = world.send();
    world.endpoint.http1.handler?.onResponseHead(responseHead(200), false);
    expect(isUsed()).toBe(false);
    world.endpoint.http1.handler?.onResponseData(Buffer.from('a long'));
    expect(isUsed()).toBe(true);
    expect(world.endpoint.http1.handlers).toHaveLength(3);
    expect([probe, waiting].map(({ downstream }) => downstream.head?.status)).toEqual([200, undefined]);
  });

  it('is asked to wait by the proxy as long as it asks for itself', () => {
    const { world, isUsed } = bench(consecutive(1, { respectRetryAfter: true }));
    world.send();
    world.endpoint.http1.handler?.onResponseHead(responseHead(503, ['retry-after', '4']), true);
    world.clock.advance(3999);
    expect(isUsed()).toBe(false);
    world.clock.advance(1);
    expect(isUsed()).toBe(true);
  });

  it('is heard in gRPC trailers, too', () => {
    const { world, isUsed } = bench(
      unified({ minRequests: 1, backoff: { minMs: 1000, maxMs: 8000, jitter: 0, respectRetryAfter: true } }),
    );
    world.send(grpc());
    world.endpoint.http2.handler?.onResponseHead({ ...responseHead(200), version: '2' }, false);
    world.endpoint.http2.handler?.onResponseEnd(['grpc-status', '8', 'grpc-retry-pushback-ms', '5000']);
    world.clock.advance(4999);
    expect(isUsed()).toBe(false);
    world.clock.advance(1);
    expect(isUsed()).toBe(true);
  });
});

describe('the load of an endpoint', () => {
  const loadAfter = (error: Error) => {
    const { world } = bench(null);
    const { exchange } = world.send();
    world.endpoint.http1.handler?.onResponseReset({ kind: 'io', error });
    return exchange.endpoint?.load(world.clock.now());
  };

  it('that cannot be reached is that of a slow one', () => {
    expect(loadAfter(new ConnectError('refused', { ip: '10.1.0.1', port: 8080 }, 'refused'))).toBe(1000);
  });

  it('that broke an exchange off is as it was', () => {
    expect(loadAfter(new Error('ECONNRESET'))).toBe(30);
  });
});

describe('the load of an endpoint whose failures weigh', () => {
  const load = {
    kind: 'penalty-peak-ewma',
    defaultRttMs: 30,
    decayMs: 10_000,
    penaltyMs: 5000,
    penaltyDecayMs: 10_000,
    maxRetryAfterMs: 60_000,
  } as const;

  const loadAfter = (answer: (world: OutboundBench) => void, request: Partial<RequestHead> = {}) => {
    const { world } = bench(null, { load });
    const { exchange } = world.send(request);
    answer(world);
    return exchange.endpoint?.load(world.clock.now());
  };
  const http = (status: number, headers: string[] = []) =>
    loadAfter(({ endpoint }) => endpoint.http1.handler?.onResponseHead(responseHead(status, headers), true));
  const trailersOnly = (code: string, headers: string[] = []) =>
    loadAfter(({ endpoint }) => {
      const head = responseHead(200, ['grpc-status', code, ...headers]);
      endpoint.http2.handler?.onResponseHead({ ...head, version: '2' }, true);
    }, grpc());

  it('is that of a slow one after a failure', () => {
    expect([http(200), http(404), http(429), http(500), http(503)]).toEqual([30, 30, 5000, 5000, 5000]);
  });

  it('is so in gRPC after an answer of nothing but a failing code', () => {
    expect(['0', '5', '7'].map((code) => trailersOnly(code))).toEqual([30, 30, 30]);
    expect(['2', '4', '8', '13', '14', '15'].map((code) => trailersOnly(code))).toEqual(
      new Array(6).fill(5000),
    );
  });

  it('is so after an exchange that broke off', () => {
    const broken = ({ endpoint }: OutboundBench) =>
      endpoint.http1.handler?.onResponseReset({ kind: 'io', error: new Error('ECONNREFUSED') });
    expect(loadAfter(broken)).toBe(5000);
  });

  it('follows what the endpoint asks for, within bounds', () => {
    expect(http(503, ['retry-after', '20'])).toBe(20_000);
    expect(http(503, ['retry-after', '1'])).toBe(5000);
    expect(http(503, ['retry-after', '86400'])).toBe(60_000);
    expect(trailersOnly('8', ['grpc-retry-pushback-ms', '7000'])).toBe(7000);
  });
});
