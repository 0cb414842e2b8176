import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { add } from '../src/discovery/update.builder.ts';
import { everyone, server } from '../src/policy/server.builder.ts';
import { toService } from './outbound-policy.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ProxyWorld } from './proxy-process.builder.ts';
import { get, HttpServer, SteadyClient } from './traffic.builder.ts';

jest.setTimeout(30_000);

const ORDERS = 'orders.shop.svc.cluster.local:80';
const SPARE = 'spare.shop.svc.cluster.local:80';

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('a control plane that goes away', () => {
    let world: ProxyWorld;
    let app: HttpServer;
    let orders: HttpServer;
    let spare: HttpServer;

    const orderedFrom = (service = 1) => get(world.pod.service(service), 80, { timeoutMs: 5000 });
    const endpoint = ({ port }: HttpServer) => add([`${world.pod.hostIp}:${port}`]);

    beforeAll(async () => {
      world = await ProxyWorld.start({
        OUTBOUND_HTTP_FAILFAST_TIMEOUT: '300ms',
        OUTBOUND_DISCOVERY_IDLE_TIMEOUT: '30s',
      });
      const { controlPlane, pod } = world;
      app = await HttpServer.start(pod.hostIp, 'app');
      orders = await HttpServer.start(pod.hostIp, 'orders');
      spare = await HttpServer.start(pod.hostIp, 'spare');
      controlPlane.outbound(`${pod.service(1)}:80`).set(toService(ORDERS));
      controlPlane.endpoints(ORDERS).set(endpoint(orders));
    });
    afterAll(async () => {
      for (const each of [app, orders, spare]) each.close();
      await world.stop();
    });

    it('is asked for destinations, and its answers are followed', async () => {
      expect(await orderedFrom()).toMatchObject({ status: 200, body: 'orders' });
      expect(await get(world.pod.podIp, app.port)).toMatchObject({ status: 200, body: 'app' });
      const { controlPlane } = world;
      controlPlane.policy(app.port).set(server({ authorizations: [] }));
      await eventually('the new policy holds', async () => {
        return (await get(world.pod.podIp, app.port)).status === 403;
      });
      controlPlane.policy(app.port).set(server({ authorizations: [everyone()] }));
      await eventually('the old one is back', async () => {
        return (await get(world.pod.podIp, app.port)).status === 200;
      });
    });

    it('leaves known destinations and policies working, and is found again', async () => {
      const { controlPlane, pod, proxy } = world;
      const clients = [new SteadyClient(pod.service(1), 80), new SteadyClient(pod.podIp, app.port)];
      await controlPlane.stop();
      await eventually('it is missed', () =>
        proxy.log.some((line) => line.includes(' WARN ') && line.includes(controlPlane.address)),
      );

      const unknown = get(pod.service(2), 80, { timeoutMs: 15_000 });
      const givenUp = get(pod.service(3), 80, { timeoutMs: 200 }).catch((error: Error) => error.message);
      expect(await givenUp).toBe('no answer in 200 ms');
      expect(clients.map(({ failures }) => failures)).toEqual([[], []]);
      const before = clients.map(({ succeeded }) => succeeded);

      controlPlane.endpoints(ORDERS).set(endpoint(spare));
      controlPlane.outbound(`${pod.service(2)}:80`).set(toService(SPARE));
      controlPlane.endpoints(SPARE).set(endpoint(spare));
      await controlPlane.resume();
      expect(await unknown).toMatchObject({ status: 200, body: 'spare' });
      await eventually(
        'known destinations are told the news',
        async () => (await orderedFrom()).body === 'spare',
      );
      for (const [i, client] of clients.entries()) {
        await client.stop();
        expect(client.failures).toEqual([]);
        expect(client.succeeded).toBeGreaterThan(before[i]);
      }
    });

    it('that knows no endpoint makes requests fail in time, and say why', async () => {
      const { controlPlane, pod } = world;
      const NOBODY = 'nobody.shop.svc.cluster.local:80';
      controlPlane.outbound(`${pod.service(4)}:80`).set(toService(NOBODY));
      controlPlane.endpoints(NOBODY).set({ update: { case: 'noEndpoints', value: { exists: true } } });
      const startedAt = performance.now();
      const answer = await orderedFrom(4);
      expect(answer.status).toBe(504);
      expect(performance.now() - startedAt).toBeLessThan(3000);
      expect(answer.headers['l5d-proxy-error']).toMatch(
        /^logical service [\d.]+:80: route .*: backend .*: service in fail-fast$/,
      );
      expect((await orderedFrom(4)).status).toBe(503);
      controlPlane.endpoints(NOBODY).set(endpoint(spare));
      await eventually('an endpoint is there', async () => (await orderedFrom(4)).status === 200);
    });
  });
}
