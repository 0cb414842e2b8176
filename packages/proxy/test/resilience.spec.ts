import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { add } from '../src/discovery/update.builder.ts';
import {
  type AccrualInit,
  balanced,
  consecutive,
  first,
  type GrpcRuleInit,
  grpcPolicy,
  type HttpRuleInit,
  httpPolicy,
  ms,
  split,
} from './outbound-policy.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ProxyWorld } from './proxy-process.builder.ts';
import { call, failWith, type GetOptions, GrpcServer, get, HttpServer, ok } from './traffic.builder.ts';

jest.setTimeout(30_000);

const MAIL = 'mail.shop.svc.cluster.local:80';

const serverErrors = { conditions: { statusRanges: [{ start: 500, end: 599 }] }, maxRequestBytes: 65_536 };

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('a service that fails', () => {
    let world: ProxyWorld;
    let a: HttpServer;
    let b: HttpServer;
    let grpc: GrpcServer;
    /** Each test has a destination and a service of its own, so that both are new to the proxy. */
    let port = 8000;
    const service = () => `s${port}.shop.svc.cluster.local:80`;

    const at = (server: { port: number }) => `${world.pod.hostIp}:${server.port}`;
    const resolve = (...servers: { port: number }[]) =>
      world.controlPlane.endpoints(service()).set(add(servers.map(at)));
    const target = () => `${world.pod.service(1)}:${port}`;
    const route = (
      rule: (path: string) => HttpRuleInit,
      servers: { port: number }[] = [a],
      accrual?: AccrualInit,
    ) => {
      port++;
      resolve(...servers);
      world.controlPlane.outbound(target()).set(httpPolicy(`s${port}`, [rule(service())], accrual));
    };
    const routeGrpc = (rule: GrpcRuleInit) => {
      port++;
      resolve(grpc);
      const backends = first(balanced(service()));
      world.controlPlane.outbound(target()).set(grpcPolicy(`s${port}`, [{ ...rule, backends }]));
    };
    /** A rule that leads to the test's own service. */
    const having = (rule: HttpRuleInit) => (path: string) => ({ ...rule, backends: first(balanced(path)) });
    const ask = (options: GetOptions = {}) => get(world.pod.service(1), port, options);
    const rpc = (headers: Record<string, string> = {}) =>
      call(world.pod.service(1), port, '/shop.Orders/Get', headers);
    /** Answers 503 so many times, then 200 with the body that came. */
    const failing = (times: number, status = 503) => {
      const bodies: string[] = [];
      a.answer = (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          bodies.push(Buffer.concat(chunks).toString('latin1'));
          response.writeHead(bodies.length <= times ? status : 200).end('a');
        });
      };
      return bodies;
    };
    /** What the series of this family have counted since. */
    const counted = async (name: string, ...having: string[]) => {
      const before = await world.proxy.metric(name, ...having);
      return async () => (await world.proxy.metric(name, ...having)) - before;
    };

    beforeAll(async () => {
      world = await ProxyWorld.start({
        OUTBOUND_HTTP_FAILFAST_TIMEOUT: '500ms',
        DESTINATION_PROFILE_NETWORKS: '198.18.0.0/15',
      });
      a = await HttpServer.start(world.pod.hostIp, 'a');
      b = await HttpServer.start(world.pod.hostIp, 'b');
      grpc = await GrpcServer.start(world.pod.hostIp, 'g');
      world.controlPlane.endpoints(MAIL).set(add([at(b)]));
    });
    afterAll(async () => {
      for (const server of [a, b, grpc]) server.close();
      await world.stop();
    });

    describe('on a route that has it asked again', () => {
      it('is asked as often as the route says, with the whole body each time', async () => {
        route(having({ retry: { ...serverErrors, maxRetries: 2 } }));
        const retries = await counted('outbound_http_route_retry_requests_total');
        const bodies = failing(2);
        const body = 'x'.repeat(60_000);
        expect(await ask({ method: 'POST', body })).toMatchObject({ status: 200, body: 'a' });
        expect(bodies).toEqual([body, body, body]);
        expect(await retries()).toBe(2);
        expect(await world.proxy.metric('outbound_http_route_retry_successes_total')).toBe(1);
        const limit = await counted('outbound_http_route_retry_limit_exceeded_total');
        failing(9);
        expect((await ask()).status).toBe(503);
        expect(await limit()).toBe(1);
      });

      it('is not asked again with a body that is too long', async () => {
        route(having({ retry: { ...serverErrors, maxRetries: 2 } }));
        const bodies = failing(1);
        expect((await ask({ method: 'POST', body: 'x'.repeat(65_537) })).status).toBe(503);
        expect(bodies).toHaveLength(1);
      });

      it('may be asked again elsewhere', async () => {
        route((path) => ({
          backends: split([balanced(path), 1], [balanced(MAIL), 1]),
          retry: { ...serverErrors, maxRetries: 10 },
        }));
        failing(1_000_000);
        for (let i = 0; i < 5; i++) expect(await ask()).toMatchObject({ status: 200, body: 'b' });
      });

      it('is asked elsewhere when an endpoint cannot be reached', async () => {
        const dead = await HttpServer.start(world.pod.hostIp);
        const at = { port: dead.port };
        dead.close();
        route(having({ retry: { ...serverErrors, maxRetries: 20 } }), [at, b]);
        for (let i = 0; i < 10; i++) expect(await ask()).toMatchObject({ status: 200, body: 'b' });
        const target = `target_port="${at.port}"`;
        expect(await world.proxy.metric('response_total', target, 'status_code="502"')).toBeGreaterThan(0);
        route(having({}), [at]);
        const answer = await ask();
        expect(answer.status).toBe(502);
        expect(answer.headers['l5d-proxy-error']).toMatch(
          /^logical service .*: endpoint .*connection refused$/,
        );
      });

      it('is waited for as long as an attempt may take, but for the last', async () => {
        route(having({ retry: { ...serverErrors, maxRetries: 1, timeout: ms(200) } }));
        let asked = 0;
        a.answer = (_request, response) => {
          asked++;
          setTimeout(() => response.end('late'), 400);
        };
        const timedOut = await counted(
          'outbound_http_route_backend_response_statuses_total',
          'error="RESPONSE_HEADERS_TIMEOUT"',
        );
        const startedAt = performance.now();
        expect(await ask()).toMatchObject({ status: 200, body: 'late' });
        expect(performance.now() - startedAt).toBeGreaterThan(550);
        expect([asked, await timedOut()]).toEqual([2, 1]);
      });

      it('is asked again in gRPC by its code', async () => {
        routeGrpc({ retry: { conditions: { unavailable: true }, maxRetries: 3, maxRequestBytes: 65_536 } });
        let asked = 0;
        grpc.answer = (stream) => {
          asked++;
          if (asked < 3) failWith(stream, 14);
          else ok(stream, 'g');
        };
        expect(await rpc()).toMatchObject({ code: '0', data: 'g' });
        expect(asked).toBe(3);
        expect(await world.proxy.metric('outbound_grpc_route_retry_requests_total')).toBe(2);
        grpc.answer = (stream) => failWith(stream, 13);
        expect(await rpc()).toMatchObject({ code: '13' });
      });

      it('is asked again when it refuses the stream', async () => {
        routeGrpc({ retry: { conditions: {}, maxRetries: 1, maxRequestBytes: 65_536 } });
        let asked = 0;
        grpc.answer = (stream) => (asked++ === 0 ? stream.close(7) : ok(stream, 'g'));
        expect(await rpc()).toMatchObject({ code: '0', data: 'g' });
        expect(asked).toBe(2);
      });

      it('is asked again when the application wants it so, and may', async () => {
        const headers = { 'l5d-retry-http': '5xx', 'l5d-retry-limit': '2' };
        let seen: string[] = [];
        const failTwice = () => {
          seen = [];
          a.answer = (request, response) => {
            seen.push(
              Object.keys(request.headers)
                .filter((name) => name.startsWith('l5d-'))
                .join(),
            );
            response.writeHead(seen.length <= 2 ? 503 : 200).end('a');
          };
        };
        route(having({ allowL5dRequestHeaders: true }));
        failTwice();
        expect((await ask({ headers })).status).toBe(200);
        expect(seen).toEqual(['', '', '']);
        route(having({}));
        failTwice();
        expect((await ask({ headers })).status).toBe(503);
        expect(seen).toEqual(['l5d-retry-http,l5d-retry-limit']);
      });
    });

    describe('on a route of a service profile', () => {
      it('is asked again as far as the budget goes', async () => {
        port++;
        world.controlPlane.outbound(target()).set(httpPolicy('orders', []));
        world.controlPlane.profile(target()).set({
          fullyQualifiedName: 'orders.shop.svc.cluster.local',
          retryBudget: { retryRatio: 0, minRetriesPerSecond: 1, ttl: ms(2000) },
          routes: [{ condition: { match: { case: 'path', value: { regex: '/.*' } } }, isRetryable: true }],
        });
        world.controlPlane.endpoints(`orders.shop.svc.cluster.local:${port}`).set(add([at(a)]));
        const bodies = failing(1_000_000);
        expect((await ask({ method: 'POST', body: 'one' })).status).toBe(503);
        expect(bodies).toEqual(['one', 'one', 'one']);
        const dst = `dst="orders.shop.svc.cluster.local:${port}"`;
        expect(await world.proxy.metric('route_retryable_total', dst, 'skipped="no_budget"')).toBe(1);
        expect(await world.proxy.metric('route_actual_request_total', dst)).toBe(3);
        expect(await world.proxy.metric('route_request_total', dst)).toBe(1);
      });
    });

    describe('in time', () => {
      const slow = (headMs: number, bodyMs: number) => {
        a.answer = (_request, response) => {
          setTimeout(() => {
            response.write('begun');
            setTimeout(() => response.end('done'), bodyMs);
          }, headMs);
        };
      };

      it.each([
        ['request', 'REQUEST_TIMEOUT'],
        ['response', 'RESPONSE_STREAM_TIMEOUT'],
      ])('is answered 504 by the %s timeout before its answer has begun', async (which, error) => {
        route(having({ timeouts: { [which]: ms(150) } }));
        slow(1000, 0);
        const counts = await counted('outbound_http_route_request_statuses_total', `error="${error}"`);
        const answer = await ask();
        expect(answer.status).toBe(504);
        expect(answer.headers['l5d-proxy-error']).toMatch(/timed out waiting for response headers/);
        expect(answer.headers['l5d-proxy-connection']).toBeUndefined();
        expect(await counts()).toBe(1);
      });

      it.each([
        ['request', 'REQUEST_TIMEOUT'],
        ['response', 'RESPONSE_STREAM_TIMEOUT'],
        ['idle', 'IDLE_TIMEOUT'],
      ])('is cut by the %s timeout in the middle of its answer', async (which, error) => {
        route(having({ timeouts: { [which]: ms(150) } }));
        slow(0, 1000);
        const counts = await counted(
          'outbound_http_route_request_statuses_total',
          'http_status="200"',
          `error="${error}"`,
        );
        await expect(ask()).rejects.toThrow(/aborted|hang up|reset/);
        await eventually('it is counted', async () => (await counts()) === 1);
      });

      it('is not idle while its answer is only slow to begin', async () => {
        route(having({ timeouts: { idle: ms(150) } }));
        slow(400, 0);
        expect(await ask()).toMatchObject({ status: 200, body: 'begundone' });
      });

      it('is limited by the application where it may', async () => {
        route(having({ allowL5dRequestHeaders: true, timeouts: { request: ms(60_000) } }));
        slow(1000, 0);
        expect((await ask({ headers: { 'l5d-timeout': '100ms' } })).status).toBe(504);
        slow(0, 1000);
        await expect(ask({ headers: { 'l5d-response-timeout': '100ms' } })).rejects.toThrow();
      });

      it('is told in gRPC by a code', async () => {
        routeGrpc({ timeouts: { request: ms(150) } });
        grpc.answer = () => {};
        expect(await rpc()).toMatchObject({ code: '4', message: expect.stringMatching(/request timeout/) });
      });
    });

    describe('with a breaker', () => {
      const ready = () =>
        world.proxy.metric(
          'outbound_http_balancer_endpoints',
          'endpoint_state="ready"',
          `backend_name="s${port}"`,
        );

      it('is left alone after failures in a row, and taken back when a probe is answered', async () => {
        route(having({}), [a, b], consecutive(3, 400));
        let broken = true;
        let asked = 0;
        a.answer = (_request, response) => {
          asked++;
          response.writeHead(broken ? 500 : 200).end('a');
        };
        while (asked < 3) await ask();
        expect(await ready()).toBe(1);
        for (let i = 0; i < 10; i++) expect(await ask()).toMatchObject({ status: 200, body: 'b' });
        expect(asked).toBe(3);
        await eventually('it is tried', async () => {
          await ask();
          return asked === 4;
        });
        expect(await ready()).toBe(1);
        broken = false;
        await eventually('it is back', async () => {
          await ask();
          return (await ready()) === 2;
        });
        expect(world.proxy.log.some((line) => line.includes('Endpoint fails and is left alone'))).toBe(true);
      });

      it('makes requests fail fast when there is nobody else, and ends that with the first good answer', async () => {
        route(having({}), [a], consecutive(1, 1500));
        let broken = true;
        a.answer = (_request, response) => void response.writeHead(broken ? 500 : 200).end('a');
        expect((await ask()).status).toBe(500);
        expect((await ask()).status).toBe(504);
        expect((await ask()).status).toBe(503);
        broken = false;
        await eventually('it is tried and well', async () => (await ask()).status === 200);
        expect((await ask()).status).toBe(200);
      });

      it('is left alone by its share of good answers, 429 among the bad ones', async () => {
        route(having({}), [a], {
          kind: {
            case: 'unified',
            value: {
              successRateThreshold: 0.5,
              minRequests: 4,
              decay: ms(10_000),
              backoff: { minBackoff: ms(60_000), maxBackoff: ms(60_000) },
            },
          },
        });
        const statuses = [200, 429, 200, 429, 429];
        a.answer = (_request, response) => void response.writeHead(statuses.shift() ?? 200).end('a');
        for (const status of [...statuses]) expect((await ask()).status).toBe(status);
        expect((await ask()).status).toBe(504);
      });
    });

    it('draws fewer requests where failures weigh', async () => {
      route((path) => ({ backends: first(balanced(path, 5000)) }), [a, b]);
      let asked = 0;
      a.answer = (_request, response) => {
        asked++;
        response.writeHead(503).end('a');
      };
      for (let i = 0; i < 40; i++) await ask();
      expect(asked).toBeGreaterThan(0);
      expect(asked).toBeLessThanOrEqual(3);
    });

    it('whose endpoints the destination service refuses to name is told of at once', async () => {
      port++;
      const policy = httpPolicy('nobody', [
        { backends: first(balanced('nobody.shop.svc.cluster.local:80')) },
      ]);
      world.controlPlane.outbound(`${world.pod.service(1)}:${port}`).set(policy);
      world.controlPlane.endpoints('nobody.shop.svc.cluster.local:80').refuse(3, 'no such thing');
      const startedAt = performance.now();
      const answer = await ask();
      expect(answer.status).toBe(500);
      expect(performance.now() - startedAt).toBeLessThan(400);
      expect(answer.headers['l5d-proxy-error']).toMatch(/refuses nobody.*: no such thing$/);
    });
  });
}
