import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { add } from '../src/discovery/update.builder.ts';
import { server } from '../src/policy/server.builder.ts';
import { toService } from './outbound-policy.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ORDERS as IDENTITY, ProxyWorld } from './proxy-process.builder.ts';
import { get, HttpServer, RawClient } from './traffic.builder.ts';

jest.setTimeout(30_000);

const ORDERS = 'orders.shop.svc.cluster.local:80';

interface Listed<T> {
  readonly total: number;
  readonly shown: readonly T[];
}

interface State {
  readonly identity: { readonly name: string; readonly certificate: { readonly names: Listed<string> } };
  readonly discovery: Listed<{ readonly kind: string; readonly name: string; readonly state: string }>;
  readonly inbound: Listed<{ readonly port: number; readonly protocol: string; readonly server: string }>;
  readonly outbound: {
    readonly targets: Listed<{ readonly name: string; readonly state: string }>;
    readonly balancers: Listed<{
      readonly endpoints: Listed<{
        readonly address: string;
        readonly load: number;
        readonly ready: boolean;
      }>;
    }>;
  };
  readonly connections: Listed<{
    readonly encrypted: boolean;
    readonly why: string;
    readonly labels: Readonly<Record<string, string>>;
  }>;
}

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('what a proxy believes', () => {
    let world: ProxyWorld;
    let app: HttpServer;
    let orders: HttpServer;
    let client: RawClient;

    /** As somebody in the pod sees it. */
    const state = (): State => {
      const script = `process.stdout.write(await (await fetch('http://127.0.0.1:4191/debug/state')).text())`;
      return JSON.parse(world.pod.run(process.execPath, '--input-type=module', '-e', script)) as State;
    };

    beforeAll(async () => {
      world = await ProxyWorld.start({ OUTBOUND_DISCOVERY_IDLE_TIMEOUT: '30s' });
      const { controlPlane, pod } = world;
      app = await HttpServer.start(pod.hostIp, 'app');
      orders = await HttpServer.start(pod.hostIp, 'orders');
      controlPlane.outbound(`${pod.service(1)}:80`).set(toService(ORDERS));
      controlPlane.endpoints(ORDERS).set(add([`${pod.hostIp}:${orders.port}`]));
      controlPlane.policy(app.port).set(server());
      expect((await get(pod.service(1), 80)).body).toBe('orders');
      client = await RawClient.open(pod.podIp, app.port);
      client.send('GET / HTTP/1.1\r\nhost: app\r\n\r\n');
      await eventually('the application answers', () => client.text.includes('app'));
    });
    afterAll(async () => {
      client.socket.destroy();
      for (const each of [app, orders]) each.close();
      await world.stop();
    });

    it('is who it is, what it was told, whom it may send to, and what is open', async () => {
      const { connections, discovery, identity, inbound, outbound } = state();
      expect(identity.certificate.names.shown).toEqual([IDENTITY]);
      const service = `${world.pod.service(1)}:80`;
      const endpoint = `${world.pod.hostIp}:${orders.port}`;
      expect(discovery.shown).toContainEqual(
        expect.objectContaining({ kind: 'outbound_policy', name: service, state: 'current' }),
      );
      expect(discovery.shown).toContainEqual(
        expect.objectContaining({ kind: 'endpoints', name: ORDERS, state: 'current' }),
      );
      expect(inbound.shown).toContainEqual(
        expect.objectContaining({ port: app.port, protocol: 'detect', server: 'server:web' }),
      );
      expect(outbound.targets.shown).toContainEqual(
        expect.objectContaining({ name: service, state: 'known' }),
      );
      expect(outbound.balancers.shown[0]?.endpoints.shown).toEqual([
        expect.objectContaining({ address: endpoint, ready: true, load: expect.any(Number) }),
      ]);
      const why = (labels: Record<string, string>) =>
        connections.shown.find((each) =>
          Object.entries(labels).every(([key, value]) => each.labels[key] === value),
        );
      expect(why({ direction: 'inbound', peer: 'src', target_port: String(app.port) })).toMatchObject({
        encrypted: false,
        why: 'not encrypted: the client did not open with mesh TLS',
      });
      expect(why({ addr: world.controlPlane.address })).toMatchObject({
        encrypted: true,
        why: expect.stringContaining('the server proved to be control-plane.'),
      });
    });

    it('is stale when the control plane has gone, and says so', async () => {
      await world.controlPlane.stop();
      await eventually('it is missed', () => state().discovery.shown.every((each) => each.state === 'stale'));
      await world.controlPlane.resume();
      await eventually('it is found', () =>
        state().discovery.shown.every((each) => each.state === 'current'),
      );
    });

    it('is not for those outside the pod', async () => {
      expect((await world.proxy.admin('/debug/state')).status).toBe(403);
    });
  });
}
