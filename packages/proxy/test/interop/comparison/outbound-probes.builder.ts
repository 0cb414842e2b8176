import type { OutboundPolicy } from '@weft/proto/outbound';
import {
  address,
  type BackendInit,
  balanced,
  consecutive,
  first,
  forward,
  type GrpcRuleInit,
  grpcPolicy,
  type HttpRuleInit,
  httpPolicy,
  missing,
  ms,
  opaquePolicy,
  pathPrefix,
  resource,
  tlsPolicy,
  toService,
} from '../../outbound-policy.builder.ts';
import { APP, type ComparedWorld, DEAD, ECHO, RPC, VOID } from './compared-world.builder.ts';
import { bytes, grpc, http1, http2, type Observed, oneConnection, raw } from './observed.builder.ts';
import { type Probe, probe, together } from './probe.builder.ts';

const headers = (...pairs: [name: string, value: string][]) => ({
  headers: pairs.map(([name, value]) => ({ name, value: Buffer.from(value) })),
});
const always = { numerator: 1, denominator: 1 };
const serverErrors = {
  maxRetries: 2,
  maxRequestBytes: 65_536,
  conditions: { statusRanges: [{ start: 500, end: 599 }] },
};

const ruled =
  (rule: HttpRuleInit, ask: (place: { ip: string; port: number }) => Promise<Observed>) =>
  (world: ComparedWorld): Promise<Observed> =>
    ask(world.led(httpPolicy('app', [{ backends: first(balanced(APP)), ...rule }])));

const led =
  (policy: OutboundPolicy, ask: (place: { ip: string; port: number }) => Promise<Observed>) =>
  (world: ComparedWorld): Promise<Observed> =>
    ask(world.led(policy));

const rpcRuled =
  (rule: GrpcRuleInit, ask: (place: { ip: string; port: number }) => Promise<Observed>) =>
  (world: ComparedWorld): Promise<Observed> =>
    ask(world.led(grpcPolicy('rpc', [{ backends: first(balanced(RPC)), ...rule }])));

/** Two requests after each other: what happened, and what state that left. */
const twice = async (ask: () => Promise<Observed>): Promise<Observed> =>
  together({ first: await ask(), second: await ask() });

const toBackend = (backend: BackendInit) => httpPolicy('app', [{ backends: first(backend) }]);

const requests: Probe[] = [
  probe(
    'a request',
    led(toService(APP), (at) => http1(at, { path: '/a?b=c' })),
  ),
  probe(
    'a request with a body',
    led(toService(APP), (at) => http1(at, { method: 'POST', body: 'body' })),
  ),
  probe(
    'HEAD',
    led(toService(APP), (at) => http1(at, { method: 'HEAD' })),
  ),
  probe(
    'OPTIONS *',
    led(toService(APP), (at) => http1(at, { method: 'OPTIONS', path: '*' })),
  ),
  probe(
    'HTTP/1.0',
    led(toService(APP), (at) => raw(at, 'GET / HTTP/1.0\r\n\r\n')),
  ),
  probe(
    'HTTP/1.0 that keeps alive',
    led(toService(APP), (at) =>
      raw(at, 'GET /sized HTTP/1.0\r\nhost: app\r\nconnection: keep-alive\r\n\r\n'),
    ),
  ),
  probe(
    'two requests at once on one connection',
    led(toService(APP), (at) =>
      raw(at, 'GET /1 HTTP/1.1\r\nhost: app\r\n\r\nGET /2 HTTP/1.1\r\nhost: app\r\n\r\n'),
    ),
  ),
  probe(
    'an absolute target',
    led(toService(APP), (at) => raw(at, 'GET http://elsewhere/x HTTP/1.1\r\nhost: app\r\n\r\n')),
  ),
  probe(
    'authority form without CONNECT',
    led(toService(APP), (at) => raw(at, 'GET app:80 HTTP/1.1\r\nhost: app\r\n\r\n')),
  ),
  probe(
    'hop-by-hop fields',
    led(toService(APP), (at) =>
      http1(at, {
        path: '/hop',
        headers: {
          host: 'app',
          connection: 'x-gone',
          'x-gone': '1',
          'proxy-connection': 'keep-alive',
          te: 'gzip',
        },
      }),
    ),
  ),
  probe(
    'fields of the mesh that a client makes up',
    led(toService(APP), (at) =>
      http1(at, {
        headers: {
          host: 'app',
          'l5d-client-id': 'forged',
          'l5d-dst-canonical': 'forged',
          'l5d-dst-override': 'forged:80',
          'l5d-proxy-error': 'forged',
          'l5d-retry-http': '5xx',
          'l5d-timeout': '1s',
        },
      }),
    ),
  ),
  probe(
    'an application at fault',
    led(toService(APP), (at) => http1(at, { path: '/status?code=503' })),
  ),
  probe(
    'several requests on a connection',
    led(toService(APP), async (at) => {
      const agent = oneConnection();
      const answers = together({ first: await http1(at, { agent }), second: await http1(at, { agent }) });
      agent.destroy();
      return answers;
    }),
  ),
];

const failures: Probe[] = [
  probe(
    'no route',
    ruled(pathPrefix('/only'), (at) => http1(at, { path: '/other' })),
  ),
  probe(
    'no route for HTTP/2',
    ruled(pathPrefix('/only'), (at) => http2(at, { ':path': '/other' })),
  ),
  probe('a destination that nobody knows', (world) => http1({ ip: world.pod.service(2), port: 81 })),
  probe(
    'an endpoint that does not listen',
    led(toService(DEAD), (at) => twice(() => http1(at))),
  ),
  probe(
    'an endpoint that does not listen, over HTTP/2',
    led(toService(DEAD), (at) => twice(() => http2(at, { ':path': '/' }))),
  ),
  probe(
    'a service without endpoints',
    led(toService(VOID), (at) => twice(() => http1(at))),
  ),
  probe(
    'a backend that is not there',
    led(toBackend(missing('gone')), (at) => http1(at)),
  ),
  probe(
    'no backends',
    ruled({ backends: { kind: { case: 'empty', value: {} } } }, (at) => http1(at)),
  ),
  probe(
    'a list of backends with none in it',
    ruled({ backends: { kind: { case: 'firstAvailable', value: {} } } }, (at) => http1(at)),
  ),
  probe(
    'a policy that makes no sense',
    led(httpPolicy('app', [{ filters: [{}] }]), (at) => http1(at)),
  ),
  probe('a forward', (world) =>
    led(toBackend(forward(address(world.pod.hostIp, world.app.port))), (at) => http1(at))(world),
  ),
  probe('a forward to nobody', (world) =>
    led(toBackend(forward(address(world.pod.hostIp, 9))), (at) => http1(at))(world),
  ),
  probe(
    'an identity that is required and not there',
    led(toService(APP), (at) => http1(at, { headers: { host: 'app', 'l5d-require-id': 'a.b' } })),
  ),
  probe(
    'an endpoint that fails in a row',
    led(httpPolicy('app', [{ backends: first(balanced(APP)) }], consecutive(2, 60_000)), async (at) => {
      const bad = () => http1(at, { path: '/status?code=500' });
      return together({ 1: await bad(), 2: await bad(), 3: await http1(at), 4: await http1(at) });
    }),
  ),
];

const rules: Probe[] = [
  probe(
    'a redirect',
    ruled(
      {
        ...pathPrefix('/old'),
        filters: [
          {
            kind: {
              case: 'redirect',
              value: {
                host: 'new.example',
                port: 8443,
                path: { replace: { case: 'prefix', value: '/new' } },
              },
            },
          },
        ],
      },
      (at) => http1(at, { path: '/old/1?q=1' }),
    ),
  ),
  probe(
    'a redirect with a status, to HTTPS',
    ruled(
      {
        filters: [
          {
            kind: {
              case: 'redirect',
              value: { status: 308, scheme: { type: { case: 'registered', value: 1 } } },
            },
          },
        ],
      },
      (at) => http1(at, { path: '/x' }),
    ),
  ),
  probe(
    'a failure made on purpose',
    ruled(
      {
        filters: [
          { kind: { case: 'failureInjector', value: { status: 418, message: 'teapot', ratio: always } } },
        ],
      },
      (at) => http1(at),
    ),
  ),
  probe(
    'fields changed',
    ruled(
      {
        filters: [
          {
            kind: {
              case: 'requestHeaderModifier',
              value: { add: headers(['x-add', '1']), set: headers(['x-set', '2']), remove: ['x-gone'] },
            },
          },
          {
            kind: {
              case: 'responseHeaderModifier',
              value: { add: headers(['x-answer', '3']), remove: ['x-nothing'] },
            },
          },
        ],
      },
      (at) => http1(at, { headers: { host: 'app', 'x-add': '0', 'x-set': '0', 'x-gone': '0' } }),
    ),
  ),
  probe(
    'a request that takes too long',
    ruled({ timeouts: { request: ms(200) } }, (at) => http1(at, { path: '/slow?ms=2000' })),
  ),
  probe(
    'an answer that takes too long',
    ruled({ timeouts: { response: ms(200) } }, (at) => http1(at, { path: '/slow?ms=2000' })),
  ),
  probe(
    'a retry that helps',
    ruled({ retry: serverErrors }, (at) => http1(at, { path: '/flaky/1?fails=2&status=503' })),
  ),
  probe(
    'a retry that does not',
    ruled({ retry: serverErrors }, (at) => http1(at, { path: '/flaky/2?fails=5&status=503' })),
  ),
  probe(
    'a retry of a body',
    ruled({ retry: serverErrors }, (at) =>
      http1(at, { method: 'POST', body: 'body', path: '/flaky/3?fails=1&status=500' }),
    ),
  ),
  probe(
    'tries that take too long',
    ruled({ retry: { ...serverErrors, maxRetries: 1, timeout: ms(150) } }, (at) =>
      http1(at, { path: '/slow?ms=2000' }),
    ),
  ),
  probe(
    'a retry that the request asks for',
    ruled({ allowL5dRequestHeaders: true }, (at) =>
      http1(at, {
        path: '/flaky/4?fails=1&status=500',
        headers: { host: 'app', 'l5d-retry-http': '5xx', 'l5d-retry-limit': '2' },
      }),
    ),
  ),
  probe(
    'a time limit that the request asks for',
    ruled({ allowL5dRequestHeaders: true }, (at) =>
      http1(at, { path: '/slow?ms=2000', headers: { host: 'app', 'l5d-timeout': '200ms' } }),
    ),
  ),
];

const rpcs: Probe[] = [
  probe(
    'a call',
    rpcRuled({}, (at) => grpc(at, 'Unary')),
  ),
  probe(
    'a call that is answered by a stream',
    rpcRuled({}, (at) => grpc(at, 'ServerStream')),
  ),
  probe(
    'a call that fails at once',
    rpcRuled({}, (at) => grpc(at, 'FailAtOnce')),
  ),
  probe(
    'a call that fails late',
    rpcRuled({}, (at) => grpc(at, 'FailLate')),
  ),
  probe(
    'a call without a route',
    rpcRuled({ matches: [{ rpc: { service: 'other.Service', method: '' } }] }, (at) => grpc(at, 'Unary')),
  ),
  probe(
    'a call that is made to fail',
    rpcRuled(
      {
        filters: [
          { kind: { case: 'failureInjector', value: { code: 7, message: 'on purpose', ratio: always } } },
        ],
      },
      (at) => grpc(at, 'Unary'),
    ),
  ),
  probe(
    'a call that takes too long',
    rpcRuled({ timeouts: { request: ms(200) } }, (at) => grpc(at, 'Forever')),
  ),
  probe(
    'a call to a backend that is not there',
    rpcRuled({ backends: first(missing('gone')) }, (at) => grpc(at, 'Unary')),
  ),
  probe(
    'a call to a service without endpoints',
    rpcRuled({ backends: first(balanced(VOID)) }, (at) => grpc(at, 'Unary')),
  ),
  probe(
    'a call through a route of HTTP',
    led(toService(RPC), (at) => grpc(at, 'Unary')),
  ),
  probe(
    'a failed call through a route of HTTP',
    led(toService(RPC), (at) => grpc(at, 'FailAtOnce')),
  ),
];

const profiles: Probe[] = [
  probe('a profile with routes', async (world) => {
    const { ip, port } = world.led(httpPolicy('app', []));
    world.controlPlane.profile(`${ip}:${port}`).set({
      fullyQualifiedName: 'app.shop.svc.cluster.local',
      routes: [
        {
          condition: { match: { case: 'path', value: { regex: '/slow' } } },
          metricsLabels: { route: 'slow' },
          timeout: ms(200),
        },
        {
          condition: { match: { case: 'path', value: { regex: '/flaky/.*' } } },
          metricsLabels: { route: 'flaky' },
          isRetryable: true,
        },
      ],
      retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: ms(10_000) },
    });
    const name = `app.shop.svc.cluster.local:${port}`;
    world.controlPlane.endpoints(name).set({
      update: {
        case: 'add',
        value: { addrs: [address(world.pod.hostIp, world.app.port)], metricLabels: { service: 'app' } },
      },
    });
    return together({
      plain: await http1({ ip, port }),
      slow: await http1({ ip, port }, { path: '/slow?ms=1000' }),
      flaky: await http1({ ip, port }, { path: '/flaky/5?fails=2&status=500' }),
    });
  }),
  probe('a profile that leads elsewhere', async (world) => {
    const { ip, port } = world.led(httpPolicy('app', []));
    world.controlPlane.profile(`${ip}:${port}`).set({
      fullyQualifiedName: 'app.shop.svc.cluster.local',
      dstOverrides: [{ authority: APP, weight: 1 }],
    });
    return http1({ ip, port });
  }),
  probe('a profile of one endpoint', async (world) => {
    const ip = world.pod.service(3);
    world.controlPlane.profile(`${ip}:90`).set({ endpoint: address(world.pod.hostIp, world.app.port) });
    return http1({ ip, port: 90 });
  }),
];

const opaqueTo = (backend: BackendInit, forbidden = false) =>
  opaquePolicy('echo', {
    metadata: resource('TCPRoute', 'echo-route'),
    rules: [
      {
        backends: first(backend),
        ...(forbidden ? { filters: [{ kind: { case: 'forbidden' as const, value: {} } }] } : {}),
      },
    ],
  });

const connections: Probe[] = [
  probe(
    'bytes',
    led(opaqueTo(balanced(ECHO)), (at) => bytes(at, 'hello')),
  ),
  probe(
    'bytes that are found not to be HTTP',
    led(toService(ECHO), (at) => bytes(at, 'this is not in the least HTTP')),
  ),
  probe(
    'bytes too few to tell',
    led(toService(ECHO), (at) => bytes(at, 'hello')),
  ),
  probe(
    'bytes to nobody',
    led(opaqueTo(balanced(DEAD)), (at) => bytes(at, 'hello')),
  ),
  probe(
    'bytes to a service without endpoints',
    led(opaqueTo(balanced(VOID)), (at) => bytes(at, 'hello')),
  ),
  probe(
    'bytes to a backend that is not there',
    led(opaqueTo(missing('gone')), (at) => bytes(at, 'hello')),
  ),
  probe(
    'bytes that are forbidden',
    led(opaqueTo(balanced(ECHO), true), (at) => bytes(at, 'hello')),
  ),
  probe(
    'bytes on a route for TLS',
    led(
      tlsPolicy('echo', {
        metadata: resource('TLSRoute', 'echo-route'),
        rules: [{ backends: first(balanced(ECHO)) }],
      }),
      (at) => bytes(at, 'this is not in the least TLS'),
    ),
  ),
];

/** What a client of the pod's own sees. */
export const outboundProbes: Probe[] = [
  ...requests,
  ...failures,
  ...rules,
  ...rpcs,
  ...profiles,
  ...connections,
];

/** What is counted differently, because it is answered differently. */
export const outboundProbesApart: Probe[] = [
  probe(
    'CONNECT that the application does not know',
    led(toService(APP), (at) => raw(at, 'CONNECT app:80 HTTP/1.1\r\nhost: app:80\r\n\r\n')),
  ),
  probe(
    'an application that hangs up',
    led(toService(APP), (at) => http1(at, { path: '/hang-up' })),
  ),
];
