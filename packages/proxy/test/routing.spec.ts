import { createServer as createTcpServer, type Server } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OutboundPolicy } from '@weft/proto/outbound';
import { add } from '../src/discovery/update.builder.ts';
import {
  address,
  balanced,
  first,
  forward,
  grpcPolicy,
  type HttpRuleInit,
  httpPolicy,
  missing,
  ms,
  opaquePolicy,
  pathPrefix,
  resource,
  split,
  tlsPolicy,
} from './outbound-policy.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ProxyWorld } from './proxy-process.builder.ts';
import { call, type GetOptions, GrpcServer, get, HttpServer, RawClient } from './traffic.builder.ts';

jest.setTimeout(30_000);

const A = 'a.shop.svc.cluster.local:80';
const B = 'b.shop.svc.cluster.local:80';
const RAW = 'raw.shop.svc.cluster.local:80';
const GRPC = 'grpc.shop.svc.cluster.local:80';

const headers = (...pairs: [name: string, value: string][]) => ({
  headers: pairs.map(([name, value]) => ({ name, value: Buffer.from(value) })),
});

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('a destination', () => {
    let world: ProxyWorld;
    let a: HttpServer;
    let b: HttpServer;
    let grpc: GrpcServer;
    let raw: Server;
    /** Each test has a destination of its own: its policy is new to the proxy. */
    let port = 8000;

    const target = () => `${world.pod.service(1)}:${port}`;
    const led = (policy: OutboundPolicy) => {
      port++;
      world.controlPlane.outbound(target()).set(policy);
    };
    const ruled = (...rules: HttpRuleInit[]) => led(httpPolicy('orders', rules));
    const ask = (options: GetOptions = {}) => get(world.pod.service(1), port, options);
    /** What 40 requests were answered with, and how often. */
    const tally = async () => {
      const bodies: Record<string, number> = {};
      for (let i = 0; i < 40; i++) {
        const { body, status } = await ask();
        const key = status === 200 ? body : String(status);
        bodies[key] = (bodies[key] ?? 0) + 1;
      }
      return bodies;
    };

    beforeAll(async () => {
      world = await ProxyWorld.start({
        OUTBOUND_HTTP_FAILFAST_TIMEOUT: '300ms',
        OUTBOUND_TCP_FAILFAST_TIMEOUT: '300ms',
        DESTINATION_PROFILE_NETWORKS: '198.18.0.0/15',
      });
      const { controlPlane, pod } = world;
      const ip = pod.hostIp;
      a = await HttpServer.start(ip, 'a');
      b = await HttpServer.start(ip, 'b');
      grpc = await GrpcServer.start(ip, 'g');
      raw = createTcpServer((socket) => socket.on('error', () => {}).end('raw bytes'));
      await new Promise<void>((resolve) => raw.listen(0, ip, resolve));
      controlPlane.endpoints(A).set(add([`${ip}:${a.port}`]));
      controlPlane.endpoints(B).set(add([`${ip}:${b.port}`]));
      controlPlane.endpoints(GRPC).set(add([`${ip}:${grpc.port}`]));
      controlPlane.endpoints(RAW).set(add([`${ip}:${(raw.address() as { port: number }).port}`]));
    });
    afterAll(async () => {
      for (const server of [a, b, grpc, raw]) server.close();
      await world.stop();
    });

    describe('with routes for HTTP', () => {
      it('is reached by the rule that fits best, not by the first', async () => {
        ruled(
          { ...pathPrefix('/'), backends: first(balanced(A)) },
          { ...pathPrefix('/orders'), backends: first(balanced(B)) },
        );
        expect((await ask({ path: '/order' })).body).toBe('a');
        expect((await ask({ path: '/orders/1' })).body).toBe('b');
      });

      it('is not found by a request that no rule fits', async () => {
        ruled({ ...pathPrefix('/orders'), backends: first(balanced(A)) });
        const answer = await ask({ path: '/mail' });
        expect(answer).toMatchObject({ status: 404 });
        expect(answer.headers['l5d-proxy-error']).toMatch(/no route$/);
      });

      it('has its traffic split by weight, and none for what weighs nothing', async () => {
        ruled({ backends: split([balanced(A), 3], [balanced(B), 1], [missing('gone'), 0]) });
        const { a: toA = 0, b: toB = 0, ...rest } = await tally();
        expect([toA + toB, rest]).toEqual([40, {}]);
        expect(toA).toBeGreaterThan(toB);
        expect(toB).toBeGreaterThan(0);
      });

      it('has the first of its backends that is there', async () => {
        const nowhere = 'nowhere.shop.svc.cluster.local:80';
        world.controlPlane.endpoints(nowhere).set({ update: { case: 'noEndpoints', value: {} } });
        ruled({ backends: first(balanced(nowhere), balanced(B)) });
        expect((await ask()).status).toBe(504);
        expect(await tally()).toEqual({ b: 40 });
      });

      it('fails where its backend does not exist, and says so', async () => {
        ruled({ backends: first(missing('gone')) });
        const answer = await ask();
        expect(answer.status).toBe(502);
        expect(answer.headers['l5d-proxy-error']).toMatch(/backend .*gone/);
      });

      it('is unavailable where it has no backends', async () => {
        ruled({ backends: { kind: { case: 'empty', value: {} } } });
        expect((await ask()).status).toBe(503);
      });

      it('is forwarded to where its policy says', async () => {
        ruled({ backends: first(forward(address(world.pod.hostIp, b.port))) });
        expect((await ask()).body).toBe('b');
      });

      it('has its requests and answers changed by filters, those of the backend last', async () => {
        const seen: unknown[] = [];
        a.answer = (request, response) => {
          seen.push(request.headers['x-order'], request.headers['x-gone'], request.headers['x-set']);
          response.setHeader('x-app', '1');
          response.end('a');
        };
        const change = (name: string) => ({
          kind: {
            case: 'requestHeaderModifier' as const,
            value: { add: headers(['x-order', name]), set: headers(['x-set', name]), remove: ['x-gone'] },
          },
        });
        const answered = {
          kind: {
            case: 'responseHeaderModifier' as const,
            value: { set: headers(['x-route', '1']), remove: ['x-app'] },
          },
        };
        ruled({
          filters: [change('route'), answered],
          backends: {
            kind: {
              case: 'firstAvailable',
              value: { backends: [{ backend: balanced(A), filters: [change('backend')] }] },
            },
          },
        });
        const answer = await ask({ headers: { 'x-gone': '1', 'x-set': 'own' } });
        expect(seen).toEqual(['route, backend', undefined, 'backend']);
        expect([answer.headers['x-route'], answer.headers['x-app']]).toEqual(['1', undefined]);
        a.answer = (_request, response) => void response.end('a');
      });

      it('redirects', async () => {
        const path = { replace: { case: 'prefix' as const, value: '/new' } };
        ruled({
          ...pathPrefix('/old'),
          filters: [{ kind: { case: 'redirect', value: { host: 'shop.example', path, status: 307 } } }],
          backends: first(balanced(A)),
        });
        const answer = await ask({ path: '/old/1?q', headers: { host: 'shop' } });
        expect(answer).toMatchObject({
          status: 307,
          headers: { location: 'http://shop.example/new/1?q' },
        });
      });

      it('fails the share of its requests that it is told to', async () => {
        const ratio = { numerator: 1, denominator: 2 };
        ruled({
          filters: [{ kind: { case: 'failureInjector', value: { status: 418, message: 'teapot', ratio } } }],
          backends: first(balanced(A)),
        });
        const { a: passed = 0, '418': failed = 0 } = await tally();
        expect(passed + failed).toBe(40);
        expect(Math.min(passed, failed)).toBeGreaterThan(5);
      });

      it('follows its policy on connections that are open', async () => {
        ruled({ backends: first(balanced(A)) });
        const client = await RawClient.open(world.pod.service(1), port);
        client.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
        await eventually('the old answer', () => client.text.endsWith('a'));
        world.controlPlane.outbound(target()).set(httpPolicy('orders', [{ backends: first(balanced(B)) }]));
        await eventually('the new answer', async () => {
          client.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
          await new Promise((resolve) => setTimeout(resolve, 20));
          return client.text.endsWith('b');
        });
        client.socket.destroy();
      });
    });

    describe('with routes for gRPC', () => {
      const rpc = (path: string, more: Record<string, string> = {}) =>
        call(world.pod.service(1), port, path, more);

      it('is reached by service, method and headers', async () => {
        const matching = (service: string, method: string) => ({ matches: [{ rpc: { service, method } }] });
        const refuse = (code: number) => [
          { kind: { case: 'failureInjector' as const, value: { code, message: `code ${code}` } } },
        ];
        led(
          grpcPolicy('grpc', [
            { ...matching('shop.Orders', ''), backends: first(balanced(GRPC)) },
            {
              ...matching('shop.Orders', 'Cancel'),
              filters: refuse(7),
              backends: first(balanced(GRPC)),
            },
            {
              matches: [
                {
                  rpc: { service: 'shop.Orders', method: 'Cancel' },
                  headers: [{ name: 'x-admin', value: { case: 'exact', value: Buffer.from('1') } }],
                },
              ],
              backends: first(balanced(GRPC)),
            },
          ]),
        );
        expect(await rpc('/shop.Orders/Get')).toMatchObject({ code: '0', data: 'g' });
        expect(await rpc('/shop.Orders/Cancel')).toMatchObject({ code: '7' });
        expect(await rpc('/shop.Orders/Cancel', { 'x-admin': '1' })).toMatchObject({ code: '0' });
        expect(await rpc('/shop.Mail/Get')).toMatchObject({ code: '5' });
        expect(
          await world.proxy.metric('outbound_grpc_route_request_statuses_total', 'grpc_status="OK"'),
        ).toBe(2);
      });

      it('has its requests changed by filters', async () => {
        let seen: unknown;
        grpc.answer = (stream, fields) => {
          seen = fields['x-tenant'];
          stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true });
        };
        const filters = [
          {
            kind: {
              case: 'requestHeaderModifier' as const,
              value: { set: headers(['x-tenant', 'shop']) },
            },
          },
        ];
        led(grpcPolicy('grpc', [{ filters, backends: first(balanced(GRPC)) }]));
        expect(await rpc('/shop.Orders/Get', { 'x-tenant': 'forged' })).toMatchObject({ code: '0' });
        expect(seen).toBe('shop');
      });
    });

    describe('with a service profile', () => {
      it('has its traffic led elsewhere by overrides, by weight', async () => {
        led(httpPolicy('orders', []));
        world.controlPlane.profile(target()).set({
          fullyQualifiedName: 'orders.shop.svc.cluster.local',
          dstOverrides: [
            { authority: A, weight: 1 },
            { authority: B, weight: 3 },
            { authority: RAW, weight: 0 },
          ],
        });
        const { a: toA = 0, b: toB = 0 } = await tally();
        expect(toA + toB).toBe(40);
        expect(toB).toBeGreaterThan(toA);
        expect(toA).toBeGreaterThan(0);
      });

      it('has its routes’ time limits, and is named to the other side', async () => {
        led(httpPolicy('orders', []));
        const service = `slow.shop.svc.cluster.local:${port}`;
        world.controlPlane.profile(target()).set({
          fullyQualifiedName: 'slow.shop.svc.cluster.local',
          routes: [
            {
              condition: { match: { case: 'path', value: { regex: '/slow' } } },
              metricsLabels: { route: 'slow' },
              timeout: ms(100),
            },
          ],
        });
        world.controlPlane.endpoints(service).set(add([`${world.pod.hostIp}:${b.port}`]));
        let named: unknown;
        b.answer = (request, response) => {
          named = request.headers['l5d-dst-canonical'];
          setTimeout(() => response.end('b'), request.url === '/slow' ? 500 : 0);
        };
        expect((await ask()).status).toBe(200);
        expect(named).toBe(service);
        const late = await ask({ path: '/slow' });
        expect(late.status).toBe(504);
        expect(late.headers['l5d-proxy-error']).toMatch(/HTTP response timeout after 100ms$/);
        expect(
          await world.proxy.metric('route_response_total', 'rt_route="slow"', 'classification="failure"'),
        ).toBe(1);
        b.answer = (_request, response) => void response.end('b');
      });
    });

    describe('that is not taken apart', () => {
      const receive = async () => {
        const client = await RawClient.open(world.pod.service(1), port);
        await eventually('it is over', () => client.closed);
        return client.text;
      };
      const opaque = (backends: ReturnType<typeof first>, filters = false) =>
        led(
          opaquePolicy('raw', {
            metadata: resource('TCPRoute', 'raw-route'),
            rules: [
              filters ? { backends, filters: [{ kind: { case: 'forbidden', value: {} } }] } : { backends },
            ],
          }),
        );

      it('is reached by opaque routes, also where the server speaks first', async () => {
        opaque(first(balanced(RAW)));
        expect(await receive()).toBe('raw bytes');
      });

      it('is closed where its route forbids it, and that is counted', async () => {
        opaque(first(balanced(RAW)), true);
        expect(await receive()).toBe('');
        expect(await world.proxy.metric('outbound_tcp_route_close_total', 'error="forbidden"')).toBe(1);
      });

      it('is closed when nobody is there', async () => {
        const nobody = 'nobody.shop.svc.cluster.local:80';
        world.controlPlane.endpoints(nobody).set({ update: { case: 'noEndpoints', value: {} } });
        opaque(first(balanced(nobody)));
        expect(await receive()).toBe('');
      });

      it('is reached by the server name that TLS asks for', async () => {
        const servers: Server[] = [];
        const named = async (name: string) => {
          const { key, leaf } = world.controlPlane.certify(name);
          const server = createTlsServer(
            { key: key.export({ type: 'pkcs8', format: 'pem' }), cert: leaf.toString() },
            (socket) => void socket.on('error', () => {}).end(name),
          );
          servers.push(server);
          await new Promise<void>((resolve) => server.listen(0, world.pod.hostIp, resolve));
          const path = `tls-${name}.shop.svc.cluster.local:443`;
          const { port: at } = server.address() as { port: number };
          world.controlPlane.endpoints(path).set(add([`${world.pod.hostIp}:${at}`]));
          return path;
        };
        const route = (name: string, path: string, ...snis: string[]) => ({
          metadata: resource('TLSRoute', name),
          snis: snis.map((sni) =>
            sni.startsWith('*.')
              ? {
                  match: {
                    case: 'suffix' as const,
                    value: { reverseLabels: sni.slice(2).split('.').reverse() },
                  },
                }
              : { match: { case: 'exact' as const, value: sni } },
          ),
          rules: [{ backends: first(balanced(path)) }],
        });
        led(
          tlsPolicy(
            'tls',
            route('wild', await named('wild'), '*.example.com'),
            route('exact', await named('exact'), 'api.example.com'),
          ),
        );
        const reached = (servername: string) =>
          new Promise<string>((resolve) => {
            const host = world.pod.service(1);
            const socket = connectTls({ host, port, servername, rejectUnauthorized: false });
            let text = '';
            socket.on('data', (chunk: Buffer) => {
              text += chunk.toString();
            });
            socket.on('error', () => {});
            socket.on('close', () => resolve(text));
          });
        expect(await reached('api.example.com')).toBe('exact');
        expect(await reached('www.example.com')).toBe('wild');
        expect(await reached('example.org')).toBe('');
        for (const server of servers) server.close();
      });
    });
  });

  describe('an ingress', () => {
    let world: ProxyWorld;
    let a: HttpServer;

    beforeAll(async () => {
      world = await ProxyWorld.start({ INGRESS_MODE: 'true' });
      a = await HttpServer.start(world.pod.hostIp, 'a');
      world.controlPlane.endpoints(A).set(add([`${world.pod.hostIp}:${a.port}`]));
      world.controlPlane.outbound(A).set(httpPolicy('a', [{ backends: first(balanced(A)) }]));
    });
    afterAll(async () => {
      a.close();
      await world.stop();
    });

    it('sends each request to the service that it names, and tells that nothing of it', async () => {
      let seen: unknown = 'nothing';
      a.answer = (request, response) => {
        seen = request.headers['l5d-dst-override'];
        response.end('a');
      };
      const asked = (name: string) =>
        get(world.pod.service(1), 80, { headers: { 'l5d-dst-override': name } });
      expect(await asked('a.shop.svc.cluster.local')).toMatchObject({ status: 200, body: 'a' });
      expect(seen).toBeUndefined();
      const unknown = await asked('unknown.shop.svc.cluster.local');
      expect(unknown.status).toBe(500);
      expect(unknown.headers['l5d-proxy-error']).toBeUndefined();
    });
  });
}
