import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { add } from '../src/discovery/update.builder.ts';
import { toService } from './outbound-policy.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ProxyWorld } from './proxy-process.builder.ts';
import { get, HttpServer, RawClient } from './traffic.builder.ts';

jest.setTimeout(20_000);

const SERVICE = 'orders.shop.svc.cluster.local:80';

let world: ProxyWorld;
let app: HttpServer;
/** The requests that the application has not answered. */
const waiting: ServerResponse[] = [];

const startWorld = async (env: Record<string, string> = {}) => {
  world = await ProxyWorld.start(env);
  app = await HttpServer.start(world.pod.hostIp);
  waiting.length = 0;
  app.answer = (_request, response) => void waiting.push(response);
};
const inPod = (code: string) => world.pod.run(process.execPath, '--input-type=module', '-e', code);

// Without root there is no namespace to redirect in; what needs none is tested in start.spec.ts.
if (canMakePods()) {
  describe('a proxy with requests under way', () => {
    beforeEach(() => startWorld());
    afterEach(async () => {
      app.close();
      await world.stop();
    });

    it.each(['SIGTERM', 'SIGINT'] as const)(
      'lets them finish after %s, and takes no more',
      async (signal) => {
        const { pod, proxy } = world;
        world.controlPlane.outbound(`${pod.service(1)}:80`).set(toService(SERVICE));
        world.controlPlane.endpoints(SERVICE).set(add([`${pod.hostIp}:${app.port}`]));
        const running = [get(pod.podIp, app.port), get(pod.service(1), 80)];
        await eventually('the application is asked', () => waiting.length === 2);
        proxy.signal(signal);
        await eventually('new connections are refused', () =>
          RawClient.open(pod.podIp, app.port).then(
            ({ socket }) => {
              socket.destroy();
              return false;
            },
            () => true,
          ),
        );
        for (const response of waiting) response.end('late');
        const late = { status: 200, body: 'late', headers: { connection: 'close' } };
        for (const answer of await Promise.all(running)) expect(answer).toMatchObject(late);
        expect(await proxy.exited).toBe(0);
      },
    );

    it('ends when a Job in its pod asks, and for nobody else', async () => {
      const { proxy } = world;
      const running = get(world.pod.podIp, app.port);
      await eventually('the application is asked', () => waiting.length === 1);
      expect(await proxy.admin('/shutdown', 'POST')).toMatchObject({ status: 403 });
      expect((await proxy.admin('/live')).status).toBe(200);
      const shutdown =
        "const answer = await fetch('http://localhost:4191/shutdown', { method: 'POST' });" +
        'console.log(answer.status, await answer.text())';
      expect(inPod(shutdown)).toBe('200 shutdown\n\n');
      await eventually('it drains', () => proxy.log.some((line) => line.includes('Draining')));
      waiting[0].end('late');
      expect((await running).body).toBe('late');
      expect(await proxy.exited).toBe(0);
    });
  });

  describe('a proxy whose requests do not end', () => {
    beforeEach(() => startWorld({ SHUTDOWN_GRACE_PERIOD: '300ms' }));
    afterEach(async () => {
      app.close();
      await world.stop();
    });

    it('gives up after its grace period, and says how much was left', async () => {
      const { pod, proxy } = world;
      const broken = get(pod.podIp, app.port).catch((error: Error) => error.message);
      await eventually('the application is asked', () => waiting.length === 1);
      proxy.signal('SIGTERM');
      expect(await proxy.exited).toBe(0);
      await broken;
      const line = proxy.log.find((each) => each.includes('Connections remain after the grace period'));
      expect(line).toContain('open=1');
    });
  });
}
