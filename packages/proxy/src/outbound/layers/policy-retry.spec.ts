import { describe, expect, it } from '@jest/globals';
import type { Endpoint, OutboundHttpRule, Retry } from '@weft/policy';
import { responseHead } from '../../exchange/exchange.builder.ts';
import { getHeader } from '../../http/headers.ts';
import type { RequestHead } from '../../http/message.ts';
import { balancedBackend, httpPolicy } from '../outbound.builder.ts';
import { OutboundBench } from '../outbound-bench.builder.ts';

const service = 'orders.shop.svc.cluster.local:80';
const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

const retryOf = (over: Partial<Retry> = {}): Retry => ({
  maxRetries: 2,
  maxRequestBytes: 64 * 1024,
  statuses: [{ start: 500, end: 599 }],
  grpcCodes: new Set(),
  timeoutMs: null,
  backoff: null,
  ...over,
});

/** A destination whose requests may be sent again twice. */
function bench(
  over: Partial<Retry> = {},
  rule: Partial<OutboundHttpRule> = {},
  endpoint: Partial<Endpoint> = {},
) {
  const world = new OutboundBench({
    policy: httpPolicy(balancedBackend(service), { retry: retryOf(over), ...rule }),
    endpoint,
  });
  const { http1, http2 } = world.endpoint;
  const send = async (head: Partial<RequestHead> = {}, ended = true) => {
    const sent = world.send(head, ended);
    await nextTurn();
    return sent;
  };
  const count = (name: string) => {
    const [line = ''] = world.series(`outbound_http_route_retry_${name}_total`);
    return Number(line.slice(line.lastIndexOf(' ') + 1));
  };
  const counts = () => ['requests', 'successes', 'limit_exceeded', 'overflow'].map(count);
  return { world, http1, http2, send, counts };
}

const answer503 = () => responseHead(503, ['content-length', '0']);
const h2 = (status = 200, headers: string[] = []) => ({
  ...responseHead(status, headers),
  version: '2' as const,
});

describe('an answer that the route wants again', () => {
  it('is not passed on, and the request is sent again, as often as the route says', async () => {
    const { http1, send, counts } = bench();
    const fine = await send();
    http1.handlers[0]?.onResponseHead(answer503(), true);
    http1.handlers[1]?.onResponseHead(responseHead(200), true);
    expect(fine.downstream.events).toEqual(['head 200 ended']);
    expect(counts()).toEqual([1, 1, 0, 0]);
    const bad = await send();
    for (let i = 2; i < 5; i++) http1.handlers[i]?.onResponseHead(answer503(), true);
    expect(http1.handlers).toHaveLength(5);
    expect(bad.downstream.events).toEqual(['head 503 ended']);
    expect(counts()).toEqual([3, 1, 1, 0]);
  });

  it('is told by the statuses of the route alone', async () => {
    const { http1, send, counts } = bench({ statuses: [{ start: 429, end: 429 }] });
    const { downstream } = await send();
    http1.handlers[0]?.onResponseHead(responseHead(429), true);
    http1.handlers[1]?.onResponseHead(answer503(), true);
    expect(downstream.events).toEqual(['head 503 ended']);
    // An answer that is not wanted again counts as good.
    expect(counts()).toEqual([1, 1, 0, 0]);
  });

  it('is counted once for the route, and each time for the backend', async () => {
    const { world, http1, send } = bench();
    await send();
    http1.handlers[0]?.onResponseHead(answer503(), true);
    http1.handlers[1]?.onResponseHead(responseHead(200), true);
    expect(world.series('outbound_http_route_request_statuses_total').join()).not.toContain('503');
    expect(world.series('outbound_http_route_backend_requests_total').join()).toMatch(/ 2$/);
    expect(world.series('outbound_http_route_backend_response_statuses_total').join()).toMatch(
      /http_status="503",error="" 1.*http_status="200",error="" 1/,
    );
  });

  it('is passed on when nothing is left to send the request to', async () => {
    const { world, http1, send, counts } = bench();
    const { downstream, exchange } = await send();
    const balancer = exchange.logical.httpBalancer(balancedBackend(service), '1.1');
    for (const { key } of [...balancer.endpoints]) balancer.remove(key);
    balancer.acquire({ onEndpoint() {}, onFailFast() {}, onHopeless() {} });
    world.clock.advance(3000);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events).toEqual(['head 503 ended']);
    expect(counts()).toEqual([0, 0, 0, 1]);
  });
});

describe('a route with a wait between attempts', () => {
  const backoff = { minMs: 25, maxMs: 250, jitter: 0, respectRetryAfter: false };

  it('keeps the answer meanwhile, and waits longer each time', async () => {
    const { world, http1, send } = bench({ backoff });
    const { downstream } = await send();
    http1.handlers[0]?.onResponseHead(responseHead(503), false);
    http1.handlers[0]?.onResponseData(Buffer.from('oops'));
    expect(http1.events).toEqual(['GET / ended', 'pause']);
    world.clock.advance(24);
    expect(http1.handlers).toHaveLength(1);
    world.clock.advance(1);
    expect(http1.events).toEqual(['GET / ended', 'pause', 'resume', 'GET / ended']);
    http1.handlers[1]?.onResponseHead(answer503(), true);
    world.clock.advance(49);
    expect(http1.handlers).toHaveLength(2);
    world.clock.advance(1);
    http1.handlers[2]?.onResponseHead(responseHead(200), true);
    expect(downstream.events).toEqual(['head 200 ended']);
  });

  it('passes it on as it came when nothing is left to send the request to', async () => {
    const { world, http1, send, counts } = bench({ backoff: { ...backoff, minMs: 4000, maxMs: 8000 } });
    const { downstream, exchange } = await send();
    http1.handlers[0]?.onResponseHead(responseHead(503), false);
    http1.handlers[0]?.onResponseData(Buffer.from('first'));
    const balancer = exchange.logical.httpBalancer(balancedBackend(service), '1.1');
    for (const { key } of [...balancer.endpoints]) balancer.remove(key);
    balancer.acquire({ onEndpoint() {}, onFailFast() {}, onHopeless() {} });
    world.clock.advance(3000);
    http1.handlers[0]?.onResponseData(Buffer.from('second'));
    http1.handlers[0]?.onResponseEnd(null);
    world.clock.advance(1000);
    expect(downstream.events).toEqual(['head 503', 'data first', 'data second', 'end']);
    expect(counts()).toEqual([0, 0, 0, 1]);
  });

  it('sends nothing when the client leaves meanwhile', async () => {
    const { world, http1, send } = bench({ backoff });
    const { exchange } = await send();
    http1.handlers[0]?.onResponseHead(responseHead(503), false);
    exchange.onRequestReset({ kind: 'reset', code: 8 });
    world.clock.advance(1000);
    expect(http1.events).toEqual(['GET / ended', 'pause', 'reset 8']);
  });

  it('is cut short by the time limit of the whole request', async () => {
    const { world, http1, send } = bench(
      { backoff },
      { timeouts: { requestMs: 20, responseMs: null, idleMs: null } },
    );
    const { downstream } = await send();
    http1.handlers[0]?.onResponseHead(answer503(), true);
    world.clock.advance(1000);
    expect([downstream.head?.status, http1.handlers.length]).toEqual([504, 1]);
  });
});

describe('a body', () => {
  it('is sent again once it is complete', async () => {
    const { http1, send } = bench();
    const { exchange } = await send({ method: 'POST' }, false);
    exchange.onRequestData(Buffer.from('one'));
    exchange.onRequestEnd(['x-sum', '1']);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(http1.events).toEqual(['POST /', 'data one', 'end', 'POST /', 'data one', 'end']);
  });

  it('whose answer came before its end is not', async () => {
    const { http1, send, counts } = bench();
    const { exchange, downstream } = await send({ method: 'POST' }, false);
    exchange.onRequestData(Buffer.from('one'));
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events).toContain('head 503 ended');
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ['announced', 65, [] as number[]],
    ['found', -1, [40, 25]],
  ])('that is too long, as %s, is not', async (_how, contentLength, chunks) => {
    const { http1, send } = bench({ maxRequestBytes: 64 });
    const { exchange, downstream } = await send({ method: 'POST', contentLength }, false);
    for (const size of chunks) exchange.onRequestData(Buffer.alloc(size));
    exchange.onRequestEnd(null);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect([http1.handlers.length, downstream.head?.status]).toEqual([1, 503]);
  });
});

describe('a gRPC code that the route wants again', () => {
  const request = (): Partial<RequestHead> => ({
    version: '2',
    method: 'POST',
    headers: ['content-type', 'application/grpc'],
  });
  const unavailable = { statuses: [], grpcCodes: new Set([14]) };

  it('is seen in the head, and in trailers that follow closely', async () => {
    const { http2, send } = bench(unavailable);
    const { downstream } = await send(request());
    http2.handlers[0]?.onResponseHead(h2(200, ['grpc-status', '14']), true);
    http2.handlers[1]?.onResponseHead(h2(), false);
    http2.handlers[1]?.onResponseData(Buffer.from('x'));
    http2.handlers[1]?.onResponseEnd(['grpc-status', '14']);
    http2.handlers[2]?.onResponseHead(h2(200, ['grpc-status', '0']), true);
    expect(downstream.events).toEqual(['head 200 ended']);
  });

  it('is not waited for in a conversation', async () => {
    const { http2, send } = bench(unavailable);
    const { downstream } = await send(request(), false);
    http2.handlers[0]?.onResponseHead(h2(), false);
    expect(downstream.events).toEqual(['head 200']);
  });

  it('is none of the others', async () => {
    const { http2, send } = bench(unavailable);
    const { downstream } = await send(request());
    http2.handlers[0]?.onResponseHead(h2(200, ['grpc-status', '8']), true);
    expect([downstream.events, http2.handlers.length]).toEqual([['head 200 ended'], 1]);
  });
});

describe('a request without an answer', () => {
  it('is sent again when the endpoint refused its stream', async () => {
    const { world, http2, send } = bench();
    const { downstream } = await send({ version: '2' });
    http2.handlers[0]?.onResponseReset({ kind: 'reset', code: 7 });
    world.clock.advance(0);
    http2.handlers[1]?.onResponseHead(h2(), true);
    expect(downstream.events).toEqual(['head 200 ended']);
  });

  it.each([8, 2, 11])('is not when its stream was reset with %d', async (code) => {
    const { world, http2, send } = bench();
    const { downstream } = await send({ version: '2' });
    http2.handlers[0]?.onResponseReset({ kind: 'reset', code });
    world.clock.advance(1000);
    expect([downstream.events, http2.handlers.length]).toEqual([[`reset ${code}`], 1]);
  });

  it('counts as one with an answer of 502 when the endpoint could not be spoken to', async () => {
    const { http1, send, counts } = bench();
    const { downstream } = await send();
    http1.handlers[0]?.onResponseReset({ kind: 'io', error: new Error('ECONNREFUSED') });
    http1.handlers[1]?.onResponseHead(responseHead(200), true);
    expect(downstream.events).toEqual(['head 200 ended']);
    expect(counts()).toEqual([1, 1, 0, 0]);
    const not = bench({ statuses: [{ start: 503, end: 503 }] });
    const { downstream: answered } = await not.send();
    not.http1.handlers[0]?.onResponseReset({ kind: 'io', error: new Error('ECONNREFUSED') });
    expect(answered.events).toEqual(['close-after', 'head 502 ended']);
  });

  it('counts as one with an answer of 502 in HTTP/1 that was carried over HTTP/2, unless it was refused', async () => {
    const carried = () => {
      const made = bench({ statuses: [] }, {}, { protocolHint: 'h2' });
      return {
        ...made,
        reset: (code: number) => made.http2.handlers[0]?.onResponseReset({ kind: 'reset', code }),
      };
    };
    const broken = carried();
    const { downstream } = await broken.send();
    broken.reset(2);
    expect(downstream.head?.status).toBe(502);
    const refused = carried();
    await refused.send();
    refused.reset(7);
    refused.world.clock.advance(0);
    expect(refused.http2.handlers).toHaveLength(2);
  });

  it('is sent again after its own time limit, which the last attempt has not', async () => {
    const { world, http1, send, counts } = bench({ timeoutMs: 100 });
    const { downstream } = await send();
    for (let i = 0; i < 2; i++) {
      world.clock.advance(100);
      world.clock.advance(0);
    }
    expect(http1.events).toEqual(['GET / ended', 'reset 8', 'GET / ended', 'reset 8', 'GET / ended']);
    world.clock.advance(100_000);
    http1.handlers[2]?.onResponseHead(responseHead(200), true);
    expect(downstream.events).toEqual(['head 200 ended']);
    expect(counts()).toEqual([2, 1, 0, 0]);
    expect(world.series('outbound_http_route_backend_response_statuses_total').join()).toContain(
      'http_status="",error="RESPONSE_HEADERS_TIMEOUT"',
    );
  });

  it('has that time limit from the end of its body on, until the head of the answer', async () => {
    const { world, http1, send } = bench({ timeoutMs: 100 });
    const { exchange, downstream } = await send({ method: 'POST' }, false);
    exchange.onRequestData(Buffer.from('x'));
    world.clock.advance(1000);
    exchange.onRequestEnd(null);
    world.clock.advance(99);
    http1.handlers[0]?.onResponseHead(responseHead(200), false);
    world.clock.advance(1000);
    expect(downstream.events).toEqual(['head 200']);
  });

  it('has a response limit of its own for each attempt', async () => {
    const { world, http1, send } = bench(
      {},
      { timeouts: { requestMs: null, responseMs: 100, idleMs: null } },
    );
    const { downstream } = await send();
    world.clock.advance(80);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    world.clock.advance(80);
    expect(downstream.head).toBeNull();
    world.clock.advance(20);
    expect(downstream.head?.status).toBe(504);
    expect(http1.events.at(-1)).toBe('reset 8');
  });

  it('fails fast once nothing is left', async () => {
    const world = new OutboundBench({
      policy: httpPolicy(balancedBackend('nobody.shop.svc.cluster.local:80'), { retry: retryOf() }),
    });
    const { downstream } = world.send();
    await nextTurn();
    world.clock.advance(3000);
    world.clock.advance(0);
    expect(downstream.head?.status).toBe(504);
    expect(world.series('outbound_http_route_retry_overflow_total').join()).toMatch(/ 1$/);
  });
});

describe('retries that an application asks for', () => {
  const asking = (rule: Partial<OutboundHttpRule>, ...headers: string[]) => {
    const world = new OutboundBench({ policy: httpPolicy(balancedBackend(service), rule) });
    const sent = world.send({ headers: ['host', 'orders', ...headers] });
    return { world, http1: world.endpoint.http1, ...sent };
  };

  it('are had where the route lets it, and the fields go no further', async () => {
    const { world, http1, exchange, downstream } = asking(
      { allowL5dHeaders: true },
      ...['l5d-retry-http', '5xx', 'l5d-retry-limit', '1', 'l5d-retry-timeout', '10s'],
    );
    expect(exchange.request.headers).toEqual(['host', 'orders']);
    await nextTurn();
    for (let i = 0; i < 2; i++) {
      http1.handlers[i]?.onResponseHead(answer503(), true);
      world.clock.advance(25);
    }
    expect([downstream.events, http1.handlers.length]).toEqual([['head 503 ended'], 2]);
  });

  it('are fields like any other where it does not', async () => {
    const { http1, exchange, downstream } = asking({}, 'l5d-retry-http', '5xx');
    expect(getHeader(exchange.request.headers, 'l5d-retry-http')).toBe('5xx');
    await nextTurn();
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events).toEqual(['head 503 ended']);
  });
});
