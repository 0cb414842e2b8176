import { describe, expect, it } from '@jest/globals';
import type { Profile, ProfileRoute, ResponseClass } from '@weft/policy';
import { responseHead } from '../../exchange/exchange.builder.ts';
import { getHeader } from '../../http/headers.ts';
import type { RequestHead } from '../../http/message.ts';
import { profileOf } from '../outbound.builder.ts';
import { OutboundBench } from '../outbound-bench.builder.ts';

const route = (over: Partial<ProfileRoute> = {}): ProfileRoute => ({
  condition: { kind: 'all', of: [] },
  responseClasses: [],
  labels: new Map([['rt_route', 'all']]),
  retryable: true,
  timeoutMs: null,
  ...over,
});

const budget = { ratio: 0, minRetriesPerSecond: 1, ttlMs: 2000 };
const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

/** A destination whose requests may be sent again twice, in all. */
async function bench(over: { route?: Partial<ProfileRoute>; profile?: Partial<Profile> } = {}) {
  const world = new OutboundBench({
    profile: profileOf({ routes: [route(over.route)], retryBudget: budget, ...over.profile }),
  });
  const { http1, http2 } = world.endpoint;
  const send = async (head: Partial<RequestHead> = {}, ended = true) => {
    const sent = world.send(head, ended);
    await nextTurn();
    return sent;
  };
  return { world, http1, http2, send };
}

const answer503 = () => responseHead(503, ['content-length', '0']);

describe('a failed answer on a retryable route', () => {
  it('is not passed on, and the request is sent again as it came', async () => {
    const { world, http1, send } = await bench();
    const { downstream } = await send({ path: '/a' });
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events).toEqual([]);
    expect(http1.events).toEqual(['GET /a ended', 'GET /a ended']);
    http1.handlers[1]?.onResponseHead(responseHead(200), true);
    expect(downstream.events).toEqual(['head 200 ended']);
    const labels = 'direction="outbound",dst="orders.shop.svc.cluster.local:80",rt_route="all"';
    expect(world.series('route_request_total')).toEqual([`${labels} 1`]);
    expect(world.series('route_actual_request_total')).toEqual([`${labels} 2`]);
    expect(world.series('route_retryable_total')).toEqual([`${labels} 1`, `${labels},skipped="no_budget" 0`]);
    expect(world.series('route_actual_response_total').join()).toMatch(
      /status_code="503",classification="failure"/,
    );
    expect(world.series('route_response_total').join()).not.toContain('503');
  });

  it('is passed on when the budget is used up', async () => {
    const { world, http1, send } = await bench();
    const { downstream } = await send();
    for (let i = 0; i < 3; i++) http1.handlers[i]?.onResponseHead(answer503(), true);
    expect(http1.handlers).toHaveLength(3);
    expect(downstream.events).toEqual(['head 503 ended']);
    expect(world.series('route_retryable_total').join()).toContain('skipped="no_budget" 1');
  });

  it('is what the route calls a failure', async () => {
    const status = (min: number, max: number, failure: boolean): ResponseClass => ({
      condition: { kind: 'status', min, max },
      failure,
    });
    const { http1, send } = await bench({
      route: { responseClasses: [status(404, 404, true), status(500, 599, false)] },
    });
    const failing = await send();
    http1.handlers[0]?.onResponseHead(responseHead(404), true);
    expect(failing.downstream.events).toEqual([]);
    const fine = await send();
    http1.handlers[2]?.onResponseHead(responseHead(500), true);
    expect(fine.downstream.events).toEqual(['head 500 ended']);
  });

  it.each<[string, Partial<Profile>, Partial<ProfileRoute>]>([
    ['the route is not retryable', {}, { retryable: false }],
    ['there is no budget', { retryBudget: null }, {}],
  ])('is passed on where %s', async (_what, profile, over) => {
    const { http1, send } = await bench({ profile, route: over });
    const { downstream } = await send();
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events).toEqual(['head 503 ended']);
  });

  it('is read to its end meanwhile, unless that takes long', async () => {
    const { http1, send } = await bench();
    const { downstream } = await send();
    const [failed] = http1.handlers;
    failed?.onResponseHead(responseHead(503), false);
    failed?.onResponseData(Buffer.alloc(1000));
    expect(http1.events).toEqual(['GET / ended', 'GET / ended']);
    failed?.onResponseData(Buffer.alloc(64 * 1024));
    expect(http1.events).toEqual(['GET / ended', 'GET / ended', 'reset 8']);
    http1.handlers[1]?.onResponseHead(responseHead(200), true);
    expect(downstream.events).toEqual(['head 200 ended']);
  });

  it('that has not ended by the time the request is over is given up', async () => {
    const { http1, send } = await bench();
    await send();
    http1.handlers[0]?.onResponseHead(responseHead(503), false);
    http1.handlers[1]?.onResponseHead(responseHead(200), true);
    expect(http1.events.at(-1)).toBe('reset 8');
  });
});

describe('a body', () => {
  it('is sent again', async () => {
    const { http1, send } = await bench();
    const { exchange } = await send({ method: 'POST' }, false);
    exchange.onRequestData(Buffer.from('one'));
    exchange.onRequestData(Buffer.from('two'));
    exchange.onRequestEnd(null);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(http1.events).toEqual([
      ...['POST /', 'data one', 'data two', 'end'],
      ...['POST /', 'data one', 'data two', 'end'],
    ]);
  });

  it('that came before the first attempt is not lost', async () => {
    const { world, http1 } = await bench();
    const { exchange, downstream } = world.send({ method: 'POST' }, false);
    exchange.onRequestData(Buffer.alloc(70_000, 'x'));
    exchange.onRequestEnd(null);
    await nextTurn();
    expect(http1.events).toEqual(['POST /', `data ${'x'.repeat(70_000)}`, 'end']);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events.at(-1)).toBe('head 503 ended');
  });

  it('of more than 64 KiB is not', async () => {
    const { http1, send } = await bench();
    const { exchange, downstream } = await send({ method: 'POST' }, false);
    for (let i = 0; i < 65; i++) exchange.onRequestData(Buffer.alloc(1024));
    exchange.onRequestEnd(null);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect([http1.handlers.length, downstream.head?.status]).toEqual([1, 503]);
    const announced = await send({ method: 'POST', contentLength: 65_537 }, false);
    http1.handlers[1]?.onResponseHead(answer503(), true);
    expect(announced.downstream.head?.status).toBe(503);
  });

  it('that is still coming goes to the new attempt from then on', async () => {
    const { http1, send } = await bench();
    const { exchange } = await send({ method: 'POST' }, false);
    exchange.onRequestData(Buffer.from('one'));
    http1.handlers[0]?.onResponseHead(answer503(), false);
    exchange.onRequestData(Buffer.from('two'));
    exchange.onRequestEnd(null);
    // The incomplete attempt is given up.
    expect(http1.events).toEqual(['POST /', 'data one', 'POST /', 'data one', 'reset 8', 'data two', 'end']);
  });

  it('waits while the endpoint is busy', async () => {
    const { http1, send } = await bench();
    const { exchange, downstream } = await send({ method: 'POST' }, false);
    http1.writable = false;
    exchange.onRequestData(Buffer.from('one'));
    expect(downstream.events).toEqual(['pause']);
    http1.handlers[0]?.onRequestDrain();
    expect(downstream.events).toEqual(['pause', 'resume']);
  });
});

describe('a failure in the trailers of HTTP/2', () => {
  const grpc = { version: '2', headers: ['content-type', 'application/grpc'] } as const;
  const request = () => ({ ...grpc, headers: [...grpc.headers] });
  const head = () => ({ ...responseHead(200), version: '2' as const });

  it('is seen when they follow the first frame at once', async () => {
    const { http2, send } = await bench();
    const { downstream } = await send(request());
    const [first] = http2.handlers;
    first?.onResponseHead(head(), false);
    first?.onResponseData(Buffer.from('frame'));
    first?.onResponseEnd(['grpc-status', '14']);
    expect(http2.handlers).toHaveLength(2);
    http2.handlers[1]?.onResponseHead(head(), false);
    http2.handlers[1]?.onResponseData(Buffer.from('fine'));
    http2.handlers[1]?.onResponseEnd(['grpc-status', '0']);
    expect(downstream.events).toEqual(['head 200', 'data fine', 'end grpc-status 0']);
  });

  it('is passed on when they come later', async () => {
    const { http2, send } = await bench();
    const { downstream } = await send(request());
    const [first] = http2.handlers;
    first?.onResponseHead(head(), false);
    first?.onResponseData(Buffer.from('frame'));
    expect(downstream.events).toEqual([]);
    await nextTurn();
    expect(downstream.events).toEqual(['head 200', 'data frame']);
    first?.onResponseEnd(['grpc-status', '14']);
    expect(downstream.events.at(-1)).toBe('end grpc-status 14');
    expect(http2.handlers).toHaveLength(1);
  });

  it('is not waited for when more data comes', async () => {
    const { http2, send } = await bench();
    const { downstream } = await send(request());
    const [first] = http2.handlers;
    first?.onResponseHead(head(), false);
    first?.onResponseData(Buffer.from('a'));
    first?.onResponseData(Buffer.from('b'));
    expect(downstream.events).toEqual(['head 200', 'data a', 'data b']);
  });
});

describe('a request that may be sent again', () => {
  it('is when the endpoint cannot be spoken to, and in the end says why', async () => {
    const { http1, send } = await bench();
    const { downstream } = await send();
    for (let i = 0; i < 3; i++)
      http1.handlers[i]?.onResponseReset({ kind: 'io', error: new Error('connection refused') });
    expect(downstream.head?.status).toBe(502);
    expect(getHeader(downstream.head?.headers ?? [], 'l5d-proxy-error')).toContain(
      'endpoint 10.1.0.1:8080: connection refused',
    );
    expect(http1.handlers).toHaveLength(3);
    expect(downstream.events).toEqual(['close-after', 'head 502 ended']);
  });

  it('passes a broken stream on to a client of HTTP/2', async () => {
    const { http2, send } = await bench();
    const { downstream } = await send({ version: '2' });
    http2.handlers[0]?.onResponseReset({ kind: 'reset', code: 7 });
    expect(downstream.events).toEqual(['reset 7']);
  });

  it('is given up with its client', async () => {
    const { http1, send } = await bench();
    const { exchange } = await send();
    exchange.onRequestReset({ kind: 'reset', code: 8 });
    expect(http1.events).toEqual(['GET / ended', 'reset 8']);
  });

  it('fails with its time limit, over all attempts', async () => {
    const { world, http1, send } = await bench({ route: { timeoutMs: 100 } });
    const { downstream } = await send();
    world.clock.advance(60);
    http1.handlers[0]?.onResponseHead(answer503(), true);
    world.clock.advance(40);
    expect(downstream.head?.status).toBe(504);
    expect(http1.events.at(-1)).toBe('reset 8');
  });

  it('is sent once when it wants to leave HTTP', async () => {
    const { http1, send } = await bench();
    const { downstream } = await send({ wantsUpgrade: true });
    http1.handlers[0]?.onResponseHead(answer503(), true);
    expect(downstream.events).toEqual(['head 503 ended']);
  });

  it('holds a fast endpoint back for a slow client', async () => {
    const { http1, send } = await bench();
    const { exchange, downstream } = await send();
    downstream.writable = false;
    http1.handlers[0]?.onResponseHead(responseHead(200), false);
    http1.handlers[0]?.onResponseData(Buffer.from('much'));
    expect(http1.events.at(-1)).toBe('pause');
    exchange.onResponseDrain();
    expect(http1.events.at(-1)).toBe('resume');
  });
});
