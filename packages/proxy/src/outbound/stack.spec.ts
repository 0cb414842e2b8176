import { describe, expect, it } from '@jest/globals';
import type { Backend, Distribution, Endpoint, HttpFilter, OutboundHttpRule } from '@weft/policy';
import { plainEndpoint } from '@weft/policy';
import { responseHead } from '../exchange/exchange.builder.ts';
import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import { ORDERS } from '../tls/mesh-tls.builder.ts';
import { forwardTo, meshedEndpoint } from './backends.builder.ts';
import { backendAt, failingBackend, httpPolicy, meta, policyOf, profileOf } from './outbound.builder.ts';
import { OutboundBench } from './outbound-bench.builder.ts';

const plain = plainEndpoint('10.1.0.1', 8080);
const benchTo = (endpoint: Endpoint, over: Partial<OutboundHttpRule> = {}) =>
  new OutboundBench({ policy: httpPolicy(forwardTo(endpoint), over) });

type Sent = ReturnType<OutboundBench['send']>;
const answered = ({ downstream }: Sent, name: string) => getHeader(downstream.head?.headers ?? [], name);
const forwarded = ({ exchange }: Sent, name: string) => getHeader(exchange.request.headers, name);

describe('fields between proxies', () => {
  it('from the endpoint are not for the application', () => {
    const sent = benchTo(plain).send();
    const headers = ['l5d-proxy-error', 'their business', 'l5d-proxy-connection', 'close', 'a', 'b'];
    sent.exchange.onResponseHead(responseHead(503, headers), true);
    expect(sent.downstream.head?.headers).toEqual(['a', 'b']);
    expect(sent.downstream.events).toEqual(['head 503 ended']);
  });

  it("that close the connection of a meshed endpoint close the application's, where there is but one", () => {
    const sent = benchTo(meshedEndpoint('10.1.0.1', 8080)).send();
    sent.exchange.onResponseHead(responseHead(503, ['l5d-proxy-connection', 'close']), true);
    expect(sent.downstream.head?.headers).toEqual([]);
    expect(sent.downstream.events).toEqual(['close-after', 'head 503 ended']);
  });

  it('that close the connection of an endpoint outside the mesh are not believed', () => {
    const sent = benchTo(plain).send();
    sent.exchange.onResponseHead(responseHead(503, ['l5d-proxy-connection', 'close']), true);
    expect(sent.downstream.events).toEqual(['head 503 ended']);
  });

  it('that close the connection of one endpoint of many are its own affair', () => {
    const profile = profileOf({ targets: [{ host: 'orders.shop.svc.cluster.local', port: 80, weight: 1 }] });
    const sent = new OutboundBench({ profile }).send();
    expect(sent.exchange.endpoint?.info.balanced).toBe(true);
    sent.exchange.onResponseHead(responseHead(503, ['l5d-proxy-connection', 'close']), true);
    expect(sent.downstream.events).toEqual(['head 503 ended']);
  });
});

describe('an identity that the application insists on', () => {
  const insist = (id: string) => ({ headers: ['host', 'orders', 'l5d-require-id', id] });

  it('is looked for at the endpoint, and not told to it', () => {
    const sent = benchTo(meshedEndpoint('10.1.0.1', 8080)).send(insist(ORDERS));
    expect(forwarded(sent, 'l5d-require-id')).toBeUndefined();
    expect(sent.exchange.finished).toBe(false);
  });

  it.each([
    ['another', meshedEndpoint('10.1.0.1', 8080), 'mail.shop', `required id mail.shop; found ${ORDERS}`],
    ['none', plain, ORDERS, `required id ${ORDERS}; found none`],
  ])('is refused with 502 where there is %s', (_what, endpoint, id, text) => {
    const bench = benchTo(endpoint);
    const sent = bench.send(insist(id));
    expect(sent.downstream.events).toEqual(['close-after', 'head 502 ended']);
    expect(answered(sent, 'l5d-proxy-error')).toMatch(new RegExp(`: endpoint 10\\.1\\.0\\.1:8080: ${text}$`));
    expect(bench.endpoint.http1.events).toEqual([]);
    expect(bench.series('outbound_http_errors_total')).toEqual(['error="identity required" 1']);
  });
});

describe('an endpoint behind a gateway', () => {
  const authorityOverride = 'orders.shop.svc.east.example:8080';
  const headers = ['host', 'orders', 'l5d-dst-canonical', 'orders.shop.svc.cluster.local:80'];

  it('is asked by the name of what lies behind it', () => {
    const endpoint = meshedEndpoint('10.1.0.1', 4143, { authorityOverride });
    const sent = benchTo(endpoint).send({ headers: [...headers] });
    expect(sent.exchange.request.authority).toBe(authorityOverride);
    expect(sent.exchange.request.headers).toEqual(['host', authorityOverride]);
  });

  it('is asked by that name in HTTP/2, which has no Host', () => {
    const endpoint = meshedEndpoint('10.1.0.1', 4143, { authorityOverride, protocolHint: 'h2' });
    const sent = benchTo(endpoint).send({ headers: [...headers] });
    expect(sent.exchange.request.authority).toBe(authorityOverride);
    expect(sent.exchange.request.headers).toEqual(['l5d-orig-proto', 'HTTP/1.1']);
  });

  it('is no such thing outside the mesh', () => {
    const sent = benchTo({ ...plain, authorityOverride }).send({ headers: [...headers] });
    expect(sent.exchange.request.authority).toBe('orders');
    expect(sent.exchange.request.headers).toEqual(headers);
  });
});

describe('HTTP/1 to an endpoint that takes HTTP/2', () => {
  const h2 = { ...plain, protocolHint: 'h2' } as const;

  it('travels as HTTP/2, and its answer comes back as HTTP/1', () => {
    const bench = benchTo(h2);
    const sent = bench.send({ form: 'absolute', authority: 'orders' });
    expect(bench.endpoint.http2.events).toEqual(['GET / ended']);
    expect(sent.exchange.request).toMatchObject({ version: '2', form: 'origin' });
    expect(forwarded(sent, 'l5d-orig-proto')).toBe('HTTP/1.1; absolute-form');
    sent.exchange.onResponseHead(
      { ...responseHead(200, ['l5d-orig-proto', 'HTTP/1.0']), version: '2' },
      true,
    );
    expect(sent.downstream.head).toMatchObject({ version: '1.0', headers: [] });
  });

  it('that wants to leave HTTP stays HTTP/1', () => {
    const bench = benchTo(h2);
    const headers = ['host', 'orders', 'connection', 'upgrade', 'upgrade', 'websocket'];
    const sent = bench.send({ wantsUpgrade: true, headers });
    expect(bench.endpoint).toMatchObject({ http1: { events: ['GET / ended'] }, http2: { events: [] } });
    expect(forwarded(sent, 'l5d-orig-proto')).toBeUndefined();
    expect(forwarded(sent, 'upgrade')).toBe('websocket');
  });

  it('is answered 502 when its stream is reset, of which HTTP/1 knows nothing', () => {
    const sent = benchTo(h2).send();
    sent.exchange.onResponseReset({ kind: 'reset', code: 2 });
    expect(sent.downstream.events).toEqual(['close-after', 'head 502 ended']);
  });

  it('leaves HTTP/2 as it is, whose resets are passed on', () => {
    const sent = benchTo(h2).send({ version: '2', authority: 'orders', headers: [] });
    expect(sent.exchange.request.headers).toEqual([]);
    sent.exchange.onResponseReset({ kind: 'reset', code: 11 });
    expect(sent.downstream.events).toEqual(['reset 11']);
  });
});

describe('the text of a failure', () => {
  it('says what was tried, outermost first', () => {
    const sent = benchTo(plain).send();
    sent.exchange.onResponseReset({ kind: 'io', error: new Error('connection refused') });
    expect(answered(sent, 'l5d-proxy-error')).toBe(
      'logical service 10.0.0.1:80: route Service.shop.route: backend Service.shop.10.1.0.1:8080: ' +
        'endpoint 10.1.0.1:8080: connection refused',
    );
  });

  it.each<[string, Partial<OutboundHttpRule>, Partial<RequestHead>, number, string]>([
    [
      'no route',
      { matches: [{ ...anyMatch(), method: 'PUT' }] },
      {},
      404,
      'logical service 10.0.0.1:80: no route',
    ],
    [
      'no backend',
      { distribution: { kind: 'empty' } },
      {},
      503,
      'logical service 10.0.0.1:80: route Service.shop.route: service unavailable',
    ],
    [
      'a backend that only fails',
      { distribution: to(failingBackend('no such service')) },
      {},
      502,
      'logical service 10.0.0.1:80: route Service.shop.route: backend Service.shop.no such service: no such service',
    ],
  ])('where there is %s', (_what, over, head, status, text) => {
    const sent = benchTo(plain, over).send(head);
    expect(sent.downstream.head?.status).toBe(status);
    expect(answered(sent, 'l5d-proxy-error')).toBe(text);
  });

  it('of a policy that cannot be understood does not repeat it', () => {
    const policy = policyOf({ kind: 'invalid', reason: 'routes[0]: is missing' });
    const sent = new OutboundBench({ policy }).send();
    expect(sent.downstream.head?.status).toBe(500);
    expect(answered(sent, 'l5d-proxy-error')).toMatch(/: unexpected error$/);
    expect(answered(sent, 'l5d-proxy-error')).not.toContain('routes[0]');
  });

  it('names the endpoint that did not answer in time', () => {
    const sent = benchTo({ ...plain, protocolHint: 'h2' }).send();
    sent.exchange.onResponseReset({ kind: 'io', error: new Error('connection reset') });
    expect(answered(sent, 'l5d-proxy-error')).toMatch(/: endpoint 10\.1\.0\.1:8080: connection reset$/);
  });
});

describe('filters', () => {
  const header = (name: string, value: string): HttpFilter[] => [
    { kind: 'request-headers', modifier: { add: [], set: [name, value], remove: [] } },
    { kind: 'response-headers', modifier: { add: [], set: [name, value], remove: [] } },
  ];

  it('of the rule come before those of the backend, on the way back after them', () => {
    const sent = benchTo(plain, {
      filters: header('x', 'rule'),
      distribution: {
        kind: 'first-available',
        backends: [{ backend: forwardTo(plain), filters: header('x', 'backend') }],
      },
    }).send();
    expect(forwarded(sent, 'x')).toBe('backend');
    sent.exchange.onResponseHead(responseHead(), true);
    expect(answered(sent, 'x')).toBe('rule');
  });

  it('of a backend may answer before it fails', () => {
    const filters: HttpFilter[] = [
      { kind: 'redirect', redirect: { scheme: null, host: 'new.example', port: 0, path: null, status: 302 } },
    ];
    const distribution = {
      kind: 'first-available',
      backends: [{ backend: failingBackend('no such service'), filters }],
    } as const;
    const sent = benchTo(plain, { distribution }).send();
    expect(sent.downstream.head?.status).toBe(302);
    expect(answered(sent, 'location')).toBe('http://new.example/');
  });

  it('that inject a failure answer as they were told', () => {
    const ratio = { numerator: 1, denominator: 1 };
    const sent = benchTo(plain, {
      filters: [{ kind: 'fail-http', status: 418, message: 'no coffee', ratio }],
    }).send();
    expect(sent.downstream.head?.status).toBe(418);
    expect(answered(sent, 'l5d-proxy-error')).toMatch(/: no coffee$/);
  });
});

describe('a split', () => {
  const at = (last: number) => backendAt({ ip: `10.1.0.${last}`, port: 8080 });
  const split = (...weights: number[]): Distribution<HttpFilter> => ({
    kind: 'random-available',
    backends: weights.map((weight, i) => ({ backend: at(i + 1), filters: [], weight })),
  });
  const chosen = (bench: OutboundBench, roll: number) => {
    bench.clock.rolls = [roll];
    return bench.send().exchange.endpoint?.info.endpoint.ip;
  };

  it('goes by the weights', () => {
    const bench = benchTo(plain, { distribution: split(3, 1) });
    expect([0, 0.74, 0.75, 0.99].map((roll) => chosen(bench, roll))).toEqual([
      '10.1.0.1',
      '10.1.0.1',
      '10.1.0.2',
      '10.1.0.2',
    ]);
  });

  it('leaves out what weighs nothing', () => {
    const bench = benchTo(plain, { distribution: split(0, 1) });
    expect(chosen(bench, 0)).toBe('10.1.0.2');
  });

  it('leaves out a backend in fail-fast, and is unavailable when all are', () => {
    const bench = benchTo(plain, { distribution: split(1, 1) });
    bench.endpoint.http1.ready = false;
    const waiting = [0, 0.99].map((roll) => {
      bench.clock.rolls = [roll];
      return bench.send();
    });
    bench.clock.advance(3000);
    expect(waiting.map(({ downstream }) => downstream.head?.status)).toEqual([504, 504]);
    const refused = bench.send();
    expect(refused.downstream.head?.status).toBe(503);
    expect(answered(refused, 'l5d-proxy-error')).toMatch(/route Service\.shop\.route: service unavailable$/);
    bench.endpoint.http1.ready = true;
    bench.endpoint.http1.onReadyChange?.(true);
    // Both stand-ins are one client, whose last owner hears of the change: the second backend.
    expect(chosen(bench, 0)).toBe('10.1.0.2');
  });
});

describe('a changed policy', () => {
  it('takes effect with the next request, and keeps the connections of what stays', () => {
    const bench = benchTo(plain);
    const before = bench.send();
    bench.discovered.policy.set(httpPolicy(forwardTo(plain), { filters: refuse(403) }));
    expect(bench.send().downstream.head?.status).toBe(403);
    expect(bench.endpoint.http1.events).not.toContain('close');
    before.exchange.onResponseHead(responseHead(), true);
    expect(before.downstream.head?.status).toBe(200);
  });

  it('lets go of the connections of what it leads to no more', () => {
    const bench = benchTo(plain);
    bench.send();
    bench.discovered.policy.set(httpPolicy(backendAt({ ip: '10.1.0.9', port: 1 })));
    expect(bench.endpoint.http1.events).toEqual(['GET / ended', 'close']);
  });
});

describe('the metrics of a request', () => {
  it('count it at its endpoint, on its route and at its backend', () => {
    const bench = benchTo(meshedEndpoint('10.1.0.1', 8080));
    const { exchange } = bench.send();
    bench.clock.advance(20);
    exchange.onResponseHead(responseHead(404), true);
    const endpoint =
      'direction="outbound",target_addr="10.1.0.1:8080",target_ip="10.1.0.1",target_port="8080",' +
      `tls="true",server_id="${ORDERS}"`;
    expect(bench.series('request_total')).toEqual([`${endpoint} 1`]);
    expect(bench.series('response_total')).toEqual([
      `${endpoint},status_code="404",classification="success",grpc_status="",error="" 1`,
    ]);
    const parent =
      'parent_group="",parent_kind="Service",parent_namespace="shop",parent_name="orders",' +
      'parent_port="",parent_section_name=""';
    const route = 'route_group="",route_kind="Service",route_namespace="shop",route_name="route"';
    const backend =
      'backend_group="",backend_kind="Service",backend_namespace="shop",backend_name="10.1.0.1:8080",' +
      'backend_port="",backend_section_name=""';
    expect(bench.series('outbound_http_route_request_statuses_total')).toEqual([
      `${parent},${route},hostname="",http_status="404",error="" 1`,
    ]);
    expect(bench.series('outbound_http_route_backend_requests_total')).toEqual([
      `${parent},${route},${backend} 1`,
    ]);
    expect(bench.series('outbound_http_route_backend_response_statuses_total')).toEqual([
      `${parent},${route},${backend},http_status="404",error="" 1`,
    ]);
    expect(bench.series('outbound_http_route_backend_response_duration_seconds_sum')).toEqual([
      `${parent},${route},${backend} 0.02`,
    ]);
  });

  it('say why it failed', () => {
    const bench = benchTo(plain);
    const { exchange } = bench.send();
    exchange.onResponseReset({ kind: 'io', error: new Error('connection refused') });
    // An endpoint that cannot be reached counts as one that answered so.
    expect(bench.series('outbound_http_errors_total')).toEqual([]);
    expect(bench.series('outbound_http_route_request_statuses_total')[0]).toMatch(
      /http_status="502",error="" 1$/,
    );
    expect(bench.series('response_total')[0]).toMatch(
      /status_code="502",classification="failure",grpc_status="",error="" 1$/,
    );
  });

  it('count what a filter answers as an answer', () => {
    const ratio = { numerator: 1, denominator: 1 };
    const redirect = { scheme: null, host: 'new.example', port: 0, path: null, status: 302 };
    for (const [filter, status] of [
      [{ kind: 'fail-http', status: 418, message: 'no coffee', ratio }, 418],
      [{ kind: 'redirect', redirect }, 302],
    ] as [HttpFilter, number][]) {
      const bench = benchTo(plain, { filters: [filter] });
      bench.send();
      expect(bench.series('outbound_http_route_request_statuses_total')).toEqual([
        expect.stringMatching(new RegExp(`http_status="${status}",error="" 1$`)),
      ]);
    }
  });

  it('count what a policy that cannot be understood refuses', () => {
    const policy = policyOf({ kind: 'invalid', reason: 'routes[0]: is missing' });
    const bench = new OutboundBench({ policy });
    bench.send();
    expect(bench.series('outbound_http_route_request_statuses_total')).toEqual([
      expect.stringMatching(/http_status="",error="UNKNOWN" 1$/),
    ]);
  });

  it('say where its answer broke off', () => {
    const bench = benchTo(plain);
    const { exchange } = bench.send();
    exchange.onResponseHead(responseHead(200), false);
    exchange.onResponseReset({ kind: 'io', error: new Error('ECONNRESET') });
    expect(bench.series('outbound_http_route_request_statuses_total')[0]).toMatch(
      /http_status="200",error="IO" 1$/,
    );
    expect(bench.series('response_total')[0]).toMatch(
      /status_code="200",classification="failure",grpc_status="",error="unclassified" 1$/,
    );
  });
});

describe('a profile with routes', () => {
  it('names the service to the other side', () => {
    const profile = profileOf({ targets: [{ host: 'orders.shop.svc.cluster.local', port: 80, weight: 1 }] });
    const sent = new OutboundBench({ profile }).send({
      headers: ['host', 'orders', 'l5d-dst-canonical', 'forged'],
    });
    expect(forwarded(sent, 'l5d-dst-canonical')).toBe('orders.shop.svc.cluster.local:80');
    expect(sent.exchange.request.headers.filter((each) => each === 'l5d-dst-canonical')).toHaveLength(1);
  });

  it('is none where it has neither routes nor a split: the policy decides', () => {
    const sent = new OutboundBench({ profile: profileOf() }).send();
    expect(forwarded(sent, 'l5d-dst-canonical')).toBeUndefined();
    expect(sent.exchange.routeMeta).toEqual(meta('route'));
  });
});

function anyMatch(): OutboundHttpRule['matches'][number] {
  return { path: { kind: 'prefix', prefix: '' }, headers: [], queryParams: [], method: null };
}

function to(backend: Backend): Distribution<HttpFilter> {
  return { kind: 'first-available', backends: [{ backend, filters: [] }] };
}

function refuse(status: number): HttpFilter[] {
  return [{ kind: 'fail-http', status, message: 'refused', ratio: { numerator: 1, denominator: 1 } }];
}
