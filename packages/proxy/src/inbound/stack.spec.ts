import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { invalidServerPolicy } from '@weft/policy';
import type { HttpRoute_FilterSchema } from '@weft/proto/inbound';
import { responseHead } from '../exchange/exchange.builder.ts';
import { detect, everyone, grpc, identities, routeTo, serverPolicy } from '../policy/server.builder.ts';
import { InboundBench, meshed, plain, WEB } from './inbound.builder.ts';

const target = 'target_addr="10.0.0.5:8080",target_ip="10.0.0.5",target_port="8080"';
const web = 'srv_group="policy.linkerd.io",srv_kind="server",srv_name="web",srv_port="8080"';
const route = 'route_group="",route_kind="default",route_name="default"';
const parent = 'parent_group="policy.linkerd.io",parent_kind="server",parent_name="web",parent_port="8080"';
const authz = 'authz_group="policy.linkerd.io",authz_kind="authorizationpolicy",authz_name="everyone"';
const noTls = 'tls="no_identity",no_tls_reason="no_tls_from_remote"';
const tls = `tls="true",client_id="${WEB}"`;
const who = 'client 10.0.0.9:40000: server: 10.0.0.5:8080';

describe('who calls', () => {
  it('is told to the application by its identity', () => {
    expect(new InboundBench({ tls: meshed() }).send().forwarded('l5d-client-id')).toBe(WEB);
  });

  it.each([
    ['without mesh TLS', plain],
    ['without a certificate', meshed(null)],
    ['with an identity of its own', meshed()],
  ])('cannot be forged by a client %s', (_what, clientTls) => {
    const { exchange } = new InboundBench({ tls: clientTls }).send({
      headers: ['l5d-client-id', 'admin', 'host', 'web', 'l5d-client-id', 'root'],
    });
    const ids = exchange.request.headers.filter((_, i, all) => i % 2 === 1 && all[i - 1] === 'l5d-client-id');
    expect(ids).toEqual(clientTls.kind === 'mutual' && clientTls.id !== null ? [WEB] : []);
  });
});

describe('HTTP/1 inside HTTP/2', () => {
  const carried = {
    version: '2',
    authority: 'web',
    headers: ['host', 'web', 'l5d-orig-proto', 'HTTP/1.1; absolute-form'],
  } as const;

  it('reaches the application as what it was, and is answered as HTTP/2 with its version', () => {
    const bench = new InboundBench({ tls: meshed() });
    const request = bench.send({ ...carried, headers: [...carried.headers] });
    expect(request.exchange.request).toMatchObject({ version: '1.1', form: 'absolute', authority: 'web' });
    expect(request.forwarded('l5d-orig-proto')).toBeUndefined();
    expect(bench.app.http1.events).toEqual(['GET / ended']);
    expect(bench.app.http2.events).toEqual([]);
    const head = responseHead(200, ['transfer-encoding', 'chunked']);
    head.version = '1.0';
    request.exchange.onResponseHead(head, false);
    expect(request.answered('l5d-orig-proto')).toBe('HTTP/1.0');
    expect(request.answered('transfer-encoding')).toBeUndefined();
    expect(request.downstream.head?.version).toBe('2');
  });

  it('is refused without a connection field, which HTTP/2 must not carry', () => {
    const bench = new InboundBench({ tls: meshed(), policy: invalidServerPolicy('no protocol') });
    const request = bench.send({ ...carried, headers: [...carried.headers] });
    expect(request.status).toBe(500);
    expect(request.answered('connection')).toBeUndefined();
  });

  it('in name only stays HTTP/2', () => {
    const bench = new InboundBench({ tls: meshed() });
    bench.send({ version: '2', authority: 'web', headers: [] });
    expect(bench.app.http2.events).toEqual(['GET / ended']);
  });

  it('is not believed of a client that speaks HTTP/1', () => {
    const request = new InboundBench().send({ headers: ['host', 'web', 'l5d-orig-proto', 'HTTP/1.0'] });
    expect(request.exchange.request.version).toBe('1.1');
    expect(request.exchange.upgraded).toBe(false);
  });
});

describe('routes', () => {
  it('that match no request answer 404 and are counted', () => {
    const bench = new InboundBench({
      policy: serverPolicy({ protocol: detect({ routes: [routeTo('/api')] }) }),
    });
    expect(bench.exchange({ path: '/api/x?y' }).status).toBe(200);
    const request = bench.send({ path: '/apis' });
    expect(request.status).toBe(404);
    expect(request.downstream.events).toEqual(['head 404 ended']);
    expect(bench.series('inbound_http_route_not_found_total')).toEqual([`${target},${web},${noTls} 1`]);
    expect(bench.series('inbound_http_errors_total')).toEqual([]);
  });

  it('are found by the Host of an HTTP/1 request', () => {
    const hosts = [{ match: { case: 'exact' as const, value: 'web' } }];
    const routes = [routeTo('/', { name: 'web', hosts })];
    const bench = new InboundBench({ policy: serverPolicy({ protocol: detect({ routes }) }) });
    expect(bench.exchange({ headers: ['host', 'web:8080'] }).status).toBe(200);
    expect(bench.send({ headers: ['host', 'other'] }).status).toBe(404);
    expect(bench.send({ version: '2', headers: ['host', 'web'] }).status).toBe(404);
  });

  it('of gRPC take POST alone', () => {
    const bench = new InboundBench({ policy: serverPolicy({ protocol: grpc }) });
    const headers = ['content-type', 'application/grpc'];
    const call = { version: '2', method: 'POST', path: '/shop.Orders/Get', authority: 'web' } as const;
    const request = bench.send({ ...call, headers: headers.slice() });
    request.exchange.onResponseHead(responseHead(200), false);
    request.exchange.onResponseEnd(['grpc-status', '5']);
    expect(bench.series('inbound_grpc_statuses_total')).toEqual([`${parent},${route},status="5" 1`]);
    expect(bench.series('inbound_grpc_requests_total')).toEqual([`${parent},${route} 1`]);
  });

  it('of a policy that cannot be understood answer 500 and say why', () => {
    const bench = new InboundBench({
      policy: invalidServerPolicy('protocol.kind: is missing'),
      tls: meshed(),
    });
    const request = bench.send();
    expect(request.status).toBe(500);
    expect(request.answered('l5d-proxy-error')).toBe(
      `${who}: invalid server policy: protocol.kind: is missing`,
    );
    expect(request.answered('connection')).toBe('close');
  });

  it('are those of the policy in force when the request comes', () => {
    const bench = new InboundBench();
    const running = bench.send();
    bench.policy.set(serverPolicy({ authorizations: [] }));
    expect(bench.send().status).toBe(403);
    running.exchange.onResponseHead(responseHead(), true);
    expect(running.status).toBe(200);
  });
});

describe('authorization', () => {
  const onlyWeb = serverPolicy({ authorizations: [identities('web', WEB)] });

  it('admits and counts by what admitted', () => {
    const bench = new InboundBench({ tls: meshed() });
    bench.exchange();
    expect(bench.series('inbound_http_authz_allow_total')).toEqual([
      `${target},${web},${route},${authz},${tls} 1`,
    ]);
    expect(bench.log.lines).toEqual([]);
  });

  it.each([
    ['without mesh TLS', plain, noTls, false],
    ['of another identity', meshed('evil.shop'), 'tls="true",client_id="evil.shop"', true],
    ['without a certificate', meshed(null), 'tls="true",client_id=""', false],
  ])('refuses a client %s with 403, a count and a line', (_what, clientTls, tlsLabels, told) => {
    const bench = new InboundBench({ policy: onlyWeb, tls: clientTls });
    const request = bench.send({ method: 'DELETE', path: '/all' });
    expect(request.status).toBe(403);
    expect(request.downstream.events).toEqual(['head 403 ended']);
    expect(request.answered('l5d-proxy-error')).toBe(
      told ? `${who}: unauthorized request on route` : undefined,
    );
    expect(bench.app.http1.events).toEqual([]);
    expect(bench.series('inbound_http_authz_deny_total')).toEqual([
      `${target},${web},${route},${tlsLabels} 1`,
    ]);
    expect(bench.series('inbound_http_errors_total')).toEqual([]);
    expect(bench.log.lines).toHaveLength(1);
    expect(bench.log.lines[0]).toMatchObject({
      level: 'info',
      message: 'Request denied',
      fields: {
        client: '10.0.0.9:40000',
        target: '10.0.0.5:8080',
        server: 'web',
        route: 'default',
        method: 'DELETE',
        path: '/all',
      },
    });
  });

  it('refuses a gRPC client with PERMISSION_DENIED', () => {
    const bench = new InboundBench({ policy: onlyWeb });
    const headers = ['content-type', 'application/grpc'];
    const request = bench.send({ version: '2', method: 'POST', path: '/a.B/C', headers });
    expect(request.status).toBe(200);
    expect(request.answered('grpc-status')).toBe('7');
    expect(request.answered('grpc-message')).toBeUndefined();
  });

  it('of a route comes before that of its server', () => {
    const routes = [
      routeTo('/health', { authorizations: [everyone('probes', '10.0.0.9/32')] }),
      routeTo('/'),
    ];
    const policy = serverPolicy({ protocol: detect({ routes }), authorizations: [identities('web', WEB)] });
    const bench = new InboundBench({ policy });
    expect(bench.exchange({ path: '/health' }).status).toBe(200);
    expect(bench.send({ path: '/' }).status).toBe(403);
    expect(bench.series('inbound_http_authz_allow_total')[0]).toContain('authz_name="probes"');
  });

  it('is always given to the pod itself', () => {
    const bench = new InboundBench({ policy: onlyWeb, peerIp: '127.0.0.1' });
    expect(bench.exchange().status).toBe(200);
    expect(bench.series('inbound_http_authz_allow_total')[0]).toContain('authz_name="localhost"');
  });

  it('that only audits admits, and writes a line for every request', () => {
    const audit = { ...everyone(), labels: { group: '', kind: 'default', name: 'audit' } };
    const bench = new InboundBench({ policy: serverPolicy({ authorizations: [audit] }) });
    expect(bench.exchange({ path: '/a' }).status).toBe(200);
    bench.exchange({ path: '/b' });
    expect(bench.log.lines.map(({ message, fields }) => [message, fields.path, fields.authz])).toEqual([
      ['Request allowed', '/a', 'audit'],
      ['Request allowed', '/b', 'audit'],
    ]);
  });
});

describe('filters', () => {
  function benchWith(kind: NonNullable<MessageInitShape<typeof HttpRoute_FilterSchema>['kind']>) {
    const routes = [routeTo('/', { name: 'all', rules: [{ filters: [{ kind }] }] })];
    return new InboundBench({ policy: serverPolicy({ protocol: detect({ routes }) }), tls: meshed() });
  }

  it('change the request before the application gets it', () => {
    const headers = (name: string, text: string) => ({ headers: [{ name, value: Buffer.from(text) }] });
    const value = { add: headers('x-added', '1'), set: headers('x-set', '2'), remove: ['x-secret'] };
    const bench = benchWith({ case: 'requestHeaderModifier', value });
    const request = bench.send({ headers: ['host', 'web', 'x-secret', 's', 'x-set', '1'] });
    expect(request.forwarded('x-added')).toBe('1');
    expect(request.forwarded('x-set')).toBe('2');
    expect(request.forwarded('x-secret')).toBeUndefined();
  });

  it('redirect, which counts as an unexpected error', () => {
    const bench = benchWith({ case: 'redirect', value: { host: 'new.example', status: 307 } });
    const request = bench.send({ path: '/a' });
    expect(request.status).toBe(307);
    expect(request.answered('location')).toBe('http://new.example/a');
    expect(bench.series('inbound_http_errors_total')).toEqual([`error="unexpected",${target},${web} 1`]);
  });

  it('that inject a failure answer 500 and do not tell which was meant', () => {
    const value = { status: 418, message: 'no coffee', ratio: { numerator: 1, denominator: 1 } };
    const request = benchWith({ case: 'failureInjector', value }).send();
    expect(request.status).toBe(500);
    expect(request.answered('l5d-proxy-error')).toBe('unexpected error');
    expect(request.answered('connection')).toBe('close');
  });

  it('come after authorization', () => {
    const rules = [{ filters: [{ kind: { case: 'redirect' as const, value: { status: 302 } } }] }];
    const routes = [routeTo('/', { name: 'all', rules })];
    const policy = serverPolicy({ protocol: detect({ routes }), authorizations: [] });
    expect(new InboundBench({ policy }).send().status).toBe(403);
  });
});

describe('rate limits', () => {
  const meta = {
    group: 'policy.linkerd.io',
    kind: 'HTTPLocalRateLimitPolicy',
    name: 'limit',
    namespace: 'shop',
  };
  const metadata = { kind: { case: 'resource' as const, value: meta } };
  const labels =
    'ratelimit_group="policy.linkerd.io",ratelimit_kind="HTTPLocalRateLimitPolicy",ratelimit_name="limit"';
  const limited = (limits: object) =>
    new InboundBench({
      tls: meshed(),
      policy: serverPolicy({ protocol: detect({ rateLimit: { metadata, ...limits } }) }),
    });
  const override = { limit: { requestsPerSecond: 1 }, clients: { identities: [{ name: WEB }] } };

  it.each([
    ['total', { total: { requestsPerSecond: 1 } }, 'total rate limit exceeded: 1rps', 'total'],
    [
      'per identity',
      { identity: { requestsPerSecond: 1 } },
      'per-identity rate limit exceeded: 1rps',
      'identity',
    ],
    ['by override', { overrides: [override] }, 'override rate limit exceeded: 1rps', 'identity'],
  ])('%s refuse with 429, a text and a count', (_what, limits, text, scope) => {
    const bench = limited(limits);
    expect(bench.exchange().status).toBe(200);
    const request = bench.send();
    expect(request.status).toBe(429);
    expect(request.answered('l5d-proxy-error')).toBe(`${who}: ${text}`);
    expect(request.downstream.events).toEqual(['head 429 ended']);
    expect(bench.series('inbound_http_local_ratelimit_total')).toEqual([
      `${target},${web},${labels},ratelimit_scope="${scope}",${tls} 1`,
    ]);
  });

  it('let pass again what time has earned', () => {
    const bench = limited({ total: { requestsPerSecond: 1 } });
    bench.exchange();
    expect(bench.send().status).toBe(429);
    bench.clock.advance(1000);
    expect(bench.exchange().status).toBe(200);
  });

  it('live as long as their policy', () => {
    const bench = limited({ total: { requestsPerSecond: 1 } });
    bench.exchange();
    expect(bench.send().status).toBe(429);
    bench.policy.set(
      serverPolicy({ protocol: detect({ rateLimit: { metadata, total: { requestsPerSecond: 1 } } }) }),
    );
    expect(bench.exchange().status).toBe(200);
  });
});

describe('the metrics of a request', () => {
  const endpoint = `direction="inbound",${target},${tls},${web},${route},${authz}`;

  it('count it at the application, by server, route and authorization', () => {
    const bench = new InboundBench({ tls: meshed() });
    const { exchange } = bench.send();
    bench.clock.advance(20);
    exchange.onResponseHead(responseHead(204), true);
    expect(bench.series('request_total')).toEqual([`${endpoint} 1`]);
    expect(bench.series('response_total')).toEqual([
      `${endpoint},status_code="204",classification="success",grpc_status="",error="" 1`,
    ]);
    expect(bench.series('response_latency_ms_sum')).toEqual([`${endpoint},status_code="204" 20`]);
    expect(bench.series('inbound_http_requests_total')).toEqual([`${parent},${route} 1`]);
    expect(bench.series('inbound_http_statuses_total')).toEqual([`${parent},${route},status="204" 1`]);
    expect(bench.series('inbound_http_response_duration_seconds_sum')).toEqual([`${parent},${route} 0.02`]);
  });

  it('measure the request until its body ends, and its frames', () => {
    const bench = new InboundBench();
    const { exchange } = bench.send({ method: 'POST' }, false);
    expect(bench.series('request_total')).toEqual([expect.stringMatching(/ 0$/)]);
    exchange.onRequestData(Buffer.alloc(100));
    expect(bench.series('request_total')).toEqual([expect.stringMatching(/ 1$/)]);
    bench.clock.advance(500);
    exchange.onRequestEnd(null);
    expect(bench.series('inbound_http_request_duration_seconds_sum')).toEqual([`${parent},${route} 0.5`]);
    expect(bench.series('inbound_http_request_frame_size_bytes_sum')).toEqual([`${parent},${route} 100`]);
    exchange.onResponseHead(responseHead(), false);
    exchange.onResponseData(Buffer.alloc(2000));
    exchange.onResponseEnd(null);
    expect(bench.series('inbound_http_response_frame_size_bytes_sum')).toEqual([`${parent},${route} 2000`]);
  });

  it('classify gRPC by its trailers', () => {
    const bench = new InboundBench({ tls: meshed() });
    const headers = ['content-type', 'application/grpc'];
    const { exchange } = bench.send({ version: '2', method: 'POST', path: '/a.B/C', headers });
    exchange.onResponseHead(responseHead(200), false);
    exchange.onResponseEnd(['grpc-status', '14']);
    expect(bench.series('response_total')).toEqual([
      `${endpoint},status_code="200",classification="failure",grpc_status="14",error="" 1`,
    ]);
  });

  it('have the authority as a label where that is allowed', () => {
    const bench = new InboundBench({ tls: meshed(), authorityLabels: true });
    bench.exchange({ headers: ['host', 'web:8080'] });
    expect(bench.series('request_total')[0]).toMatch(
      /^direction="inbound",authority="web:8080",target_addr=/,
    );
  });

  it('say that the application could not be reached', () => {
    const bench = new InboundBench({ tls: meshed() });
    const request = bench.send();
    request.exchange.onResponseReset({ kind: 'io', error: new Error('connection refused') });
    expect(request.status).toBe(502);
    // It counts as an application that answered so.
    expect(bench.series('inbound_http_errors_total')).toEqual([]);
    expect(bench.series('response_total')).toEqual([
      `${endpoint},status_code="502",classification="failure",grpc_status="",error="" 1`,
    ]);
  });

  it('say that too many were under way', () => {
    const bench = new InboundBench({ maxInFlight: 1 });
    bench.send();
    expect(bench.send().status).toBe(503);
    expect(bench.series('inbound_http_errors_total')).toEqual([`error="loadshed",${target},${web} 1`]);
  });

  it('say that the application was away for too long', () => {
    const bench = new InboundBench();
    bench.app.http2.ready = false;
    const request = bench.send({ version: '2', headers: [] });
    bench.clock.advance(1000);
    expect(request.status).toBe(504);
    expect(bench.series('inbound_http_errors_total')).toEqual([`error="failfast",${target},${web} 1`]);
  });
});
