import { Agent, type ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Tap, type TapEvent } from '@weft/proto/tap';
import { add } from '../src/discovery/update.builder.ts';
import { GrpcClient } from '../src/grpc/client.ts';
import { OneConnection } from '../src/grpc/grpc-server.builder.ts';
import type { GrpcStatus } from '../src/grpc/status.ts';
import { Http2ClientConnection } from '../src/http2/client-connection.ts';
import { detect, opaque, server } from '../src/policy/server.builder.ts';
import { observeRequest, onPath } from '../src/tap/tap.builder.ts';
import { Credentials } from '../src/tls/credentials.ts';
import { dial } from '../src/tls/dial.builder.ts';
import { toService } from './outbound-policy.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ORDERS as IDENTITY, ProxyProcess, ProxyWorld } from './proxy-process.builder.ts';
import { get, HttpServer, RawClient } from './traffic.builder.ts';

jest.setTimeout(30_000);

const ORDERS = 'orders.shop.svc.cluster.local:80';
const TAP = 'tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local';
const THREADS = [1, 2];

interface Listed<T> {
  readonly total: number;
  readonly shown: readonly T[];
}

interface State {
  readonly proxy: { readonly threads: readonly { readonly inbound: number; readonly outbound: number }[] };
  readonly discovery: Listed<{ readonly kind: string; readonly name: string }>;
  readonly inbound: Listed<{ readonly port: number; readonly protocol: string }>;
  readonly outbound: { readonly targets: Listed<{ readonly name: string; readonly thread: number }> };
  readonly connections: Listed<{
    readonly thread: number;
    readonly labels: Readonly<Record<string, string>>;
  }>;
}

/** Runs in the pod, whose loopback interface the admin port trusts. */
const inPod = (world: ProxyWorld, script: string): string =>
  world.pod.run(process.execPath, '--input-type=module', '-e', script);
const stateOf = (world: ProxyWorld): State =>
  JSON.parse(
    inPod(world, `process.stdout.write(await (await fetch('http://127.0.0.1:4191/debug/state')).text())`),
  ) as State;

/** Connections that have asked once and stay open. */
async function openConnections(ip: string, port: number, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i++) {
    const client = await RawClient.open(ip, port);
    client.send('GET /open HTTP/1.1\r\nhost: app\r\n\r\n');
    await eventually('it is answered', () => client.text.includes('\r\n\r\n'));
    clients.push(client);
  }
  return clients;
}

// Without root there is no namespace to redirect in, and without two cores the proxy keeps to one thread.
if (canMakePods() && availableParallelism() > 1) {
  describe('a proxy on two cores', () => {
    let world: ProxyWorld;
    let app: HttpServer;
    const clients: RawClient[] = [];
    const state = () => stateOf(world);
    const byThread = (side: 'inbound' | 'outbound') => state().proxy.threads.map((each) => each[side]);
    const open = async (ip: string, port: number, count: number) =>
      clients.push(...(await openConnections(ip, port, count)));
    const closeAll = async () => {
      for (const { socket } of clients.splice(0)) socket.destroy();
      await eventually('all are closed', () => byThread('inbound').every((count) => count === 0));
    };
    /** So many requests, over so many connections that stay open. */
    const ask = async (
      requests: number,
      connections: number,
      path = '/',
      ip = world.pod.podIp,
      port = app.port,
    ) => {
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      const answers = await Promise.all(
        Array.from({ length: requests }, () => get(ip, port, { path, agent })),
      );
      agent.destroy();
      return answers;
    };

    beforeAll(async () => {
      world = await ProxyWorld.start({
        CORES: '2',
        ACCESS_LOG: 'json',
        TAP_SVC_NAME: TAP,
        OUTBOUND_DISCOVERY_IDLE_TIMEOUT: '30s',
      });
      const { controlPlane, pod } = world;
      pod.run('iptables', '-t', 'nat', '-I', 'PREROUTING', '-p', 'tcp', '--dport', '4190', '-j', 'RETURN');
      app = await HttpServer.start(pod.hostIp, 'app');
      controlPlane.outbound(`${pod.service(1)}:80`).set(toService(ORDERS));
      controlPlane.endpoints(ORDERS).set(add([`${pod.hostIp}:${app.port}`]));
      controlPlane.policy(app.port).set(server());
    });
    afterAll(async () => {
      app.close();
      await world.stop();
    });

    it('shares out connections evenly, and tells of each which thread has it', async () => {
      await open(world.pod.podIp, app.port, 10);
      await open(world.pod.service(1), 80, 6);
      expect([byThread('inbound'), byThread('outbound')]).toEqual([
        [5, 5],
        [3, 3],
      ]);
      const { connections, outbound } = state();
      const sources = connections.shown.filter(
        ({ labels }) =>
          labels.direction === 'inbound' && labels.peer === 'src' && labels.target_port === String(app.port),
      );
      expect(sources.map(({ thread }) => thread).sort()).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
      const service = `${world.pod.service(1)}:80`;
      expect(outbound.targets.shown.map(({ name, thread }) => [name, thread])).toEqual(
        THREADS.map((thread) => [service, thread]),
      );
    });

    it('has one stream from the control plane for each thing that it is told, and counts it once', async () => {
      const { controlPlane, pod, proxy } = world;
      const service = `${pod.service(1)}:80`;
      expect(controlPlane.policy(app.port).watchers).toBe(1);
      expect(controlPlane.outbound(service).watchers).toBe(1);
      expect(controlPlane.endpoints(ORDERS).watchers).toBe(1);
      const { discovery, inbound } = state();
      const policies = discovery.shown.filter(({ kind }) => kind === 'inbound_policy');
      expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
      expect(inbound.shown.filter(({ port }) => port === app.port)).toHaveLength(1);
      expect(await proxy.metric('control_watches', 'endpoints')).toBe(1);
      expect(await proxy.metric('outbound_http_balancer_p2c_endpoints')).toBe(1);
      await closeAll();
    });

    it('counts every request and every connection of all threads', async () => {
      const inbound = ['direction="inbound"', `target_addr="${world.pod.podIp}:${app.port}"`];
      const count = async () => ({
        requests: await world.proxy.metric('request_total', ...inbound),
        responses: await world.proxy.metric('response_total', ...inbound),
        latencies: await world.proxy.metric('response_latency_ms_count', ...inbound),
        opened: await world.proxy.metric('tcp_open_total', 'peer="src"', ...inbound),
      });
      const before = await count();
      const lines = () => world.proxy.stderr.split('\n').filter((line) => line.includes('/counted'));
      const answers = await ask(400, 20, '/counted');
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      const after = await count();
      expect(after.requests - before.requests).toBe(400);
      expect(after.responses - before.responses).toBe(400);
      expect(after.latencies - before.latencies).toBe(400);
      expect(after.opened - before.opened).toBe(20);
      await eventually('the access log is complete', () => lines().length >= 400);
      expect(lines().map((line) => (JSON.parse(line) as { status: number }).status)).toEqual(
        Array(400).fill(200),
      );
    });

    it('logs from all threads what its filter says, from when it is changed', async () => {
      const filter = (text: string) =>
        inPod(
          world,
          `await fetch('http://127.0.0.1:4191/proxy-log-level', { method: 'PUT', body: '${text}' })`,
        );
      filter('info,linkerd_app_inbound=debug');
      const { log } = world.proxy;
      const ids = () =>
        new Set(log.flatMap((line) => /DEBUG (ThreadId\(\d+\)) linkerd_app_inbound/.exec(line)?.[1] ?? []));
      await ask(20, 10);
      await eventually('both threads log', () => ids().size === 2);
      expect([...ids()].sort()).toEqual(['ThreadId(01)', 'ThreadId(02)']);
      await closeAll();
      filter('info');
      await eventually('nobody logs any more', async () => {
        const logged = log.length;
        await ask(20, 10);
        await closeAll();
        return !log.slice(logged).some((line) => line.includes('DEBUG'));
      });
    });

    it('streams the log of all threads', async () => {
      const script = `
        const seen = new Set();
        const { body } = await fetch('http://127.0.0.1:4191/logs.json?linkerd_app_inbound=debug');
        process.stdout.write('open');
        let text = '';
        for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
          const lines = (text + chunk).split('\\n');
          text = lines.pop();
          for (const line of lines) seen.add(JSON.parse(line).threadId);
          if (seen.size === 2) break;
        }
        process.stdout.write([...seen].sort().join());
        process.exit();`;
      const reader = world.pod.spawn([process.execPath, '--input-type=module', '-e', script], {});
      let heard = '';
      reader.stdout?.on('data', (chunk) => {
        heard += chunk;
      });
      await eventually('the stream is open', () => heard.startsWith('open'));
      await ask(20, 10);
      await eventually('both threads are heard', () => heard === 'openThreadId(1),ThreadId(2)');
    });

    it('holds a rate limit as a whole', async () => {
      const rate = 40;
      const rateLimit = {
        metadata: { kind: { case: 'default' as const, value: 'limit' } },
        total: { requestsPerSecond: rate },
      };
      world.controlPlane.policy(app.port).set(server({ protocol: detect({ rateLimit }) }));
      await eventually('it is in force', async () =>
        (await ask(3 * rate, 8)).some(({ status }) => status === 429),
      );
      // The bucket is full again.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const startedAt = performance.now();
      const answers = await ask(4 * rate, 8);
      const refilled = Math.ceil(((performance.now() - startedAt) / 1000) * rate);
      const passed = answers.filter(({ status }) => status === 200).length;
      expect(passed).toBeGreaterThanOrEqual(rate);
      expect(passed).toBeLessThanOrEqual(rate + refilled);
      world.controlPlane.policy(app.port).set(server());
      await eventually('it is lifted', async () =>
        (await ask(2 * rate, 8)).every(({ status }) => status === 200),
      );
    });

    describe('that is tapped', () => {
      const observing = async (limit: number, path: string) => {
        const credentials = new Credentials([world.controlPlane.root.certificate]);
        credentials.replace(world.controlPlane.certify(TAP));
        const address = { ip: world.pod.podIp, port: 4190 };
        const { connection } = await dial(address, { from: world.pod.hostIp, tls: credentials });
        const client = new GrpcClient(
          new OneConnection(new Http2ClientConnection(connection)),
          'orders:4190',
        );
        const heard = { events: [] as TapEvent[], status: null as GrpcStatus | null };
        const handler = {
          onMessage: (event: TapEvent) => void heard.events.push(event),
          onEnd: (status: GrpcStatus) => {
            heard.status = status;
          },
        };
        const request = observeRequest({ limit, match: onPath(path) });
        client.watch(Tap.method.observe, request, handler, new AbortController().signal);
        const kinds = () => heard.events.map(({ event }) => event.value?.event.case);
        const count = (kind: string) => kinds().filter((each) => each === kind).length;
        await eventually('it is open', async () => (await world.proxy.metric('proxy_taps')) === 1);
        return { heard, count, close: () => connection.destroy() };
      };

      it('tells of the requests of all threads', async () => {
        const { count, close } = await observing(1000, '/tapped');
        await ask(60, 10, '/tapped');
        await eventually('all are told', () => count('responseEnd') === 60);
        expect([count('requestInit'), count('responseInit')]).toEqual([60, 60]);
        close();
        await eventually('it is over', async () => (await world.proxy.metric('proxy_taps')) === 0);
      });

      it('tells of as many as were asked for, then ends', async () => {
        const { count, heard } = await observing(7, '/few');
        await ask(60, 10, '/few');
        await eventually('it ends', () => heard.status !== null);
        expect([heard.status?.code, count('requestInit'), count('responseEnd')]).toEqual([0, 7, 7]);
        const ids = heard.events.map(({ event }) => {
          const of = event.value?.event;
          return of?.case === 'requestInit' ? String(of.value.id?.stream) : '';
        });
        expect(new Set(ids.filter((id) => id !== '')).size).toBe(7);
      });
    });

    it('cuts connections on all threads when a policy forbids them', async () => {
      const policy = world.controlPlane.policy(app.port);
      policy.set(server({ protocol: opaque }));
      const isOpaque = ({ port, protocol }: State['inbound']['shown'][number]) =>
        port === app.port && protocol === 'opaque';
      await eventually('it is opaque', () => state().inbound.shown.some(isOpaque));
      await closeAll();
      await open(world.pod.podIp, app.port, 6);
      expect(byThread('inbound')).toEqual([3, 3]);
      policy.set(server({ protocol: opaque, authorizations: [] }));
      await eventually('all are closed', () => clients.every(({ closed }) => closed));
      expect(byThread('inbound')).toEqual([0, 0]);
    });
  });

  describe('a proxy on two cores whose certificate is short-lived', () => {
    let world: ProxyWorld;
    let app: HttpServer;
    const sockets: TLSSocket[] = [];
    beforeAll(async () => {
      world = await ProxyWorld.start({ CORES: '2', IDENTITY_MIN_REFRESH: '100ms' }, (controlPlane) => {
        controlPlane.leafLifetimeMs = 5000;
      });
      app = await HttpServer.start(world.pod.hostIp, 'app');
    });
    afterAll(async () => {
      app.close();
      await world.stop();
    });

    const handshake = (): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({
          host: world.pod.podIp,
          port: app.port,
          servername: IDENTITY,
          minVersion: 'TLSv1.3',
          ca: world.controlPlane.root.certificate.toString(),
        });
        socket.once('secureConnect', () => resolve(socket)).once('error', reject);
        socket.on('error', () => {});
        sockets.push(socket);
      });
    /** The certificates that connections are shown, two on each thread. */
    const shown = async (): Promise<Set<string>> => {
      const all = [];
      for (let i = 0; i < 4; i++) all.push(await handshake());
      const serials = all.map((socket) => socket.getPeerX509Certificate()?.serialNumber ?? '');
      expect(stateOf(world).proxy.threads.map(({ inbound }) => inbound)).toEqual([2, 2]);
      for (const socket of sockets.splice(0)) socket.destroy();
      await eventually('they are closed', () =>
        stateOf(world).proxy.threads.every(({ inbound }) => inbound === 0),
      );
      return new Set(serials);
    };

    it('shows the new one on all threads', async () => {
      const before = await shown();
      const calls = world.controlPlane.certifyCalls.length;
      await eventually('it is renewed', () => world.controlPlane.certifyCalls.length > calls + 1);
      const after = await shown();
      for (const serial of before) expect(after).not.toContain(serial);
      expect([...after].every((serial) => serial !== '')).toBe(true);
    });
  });

  describe('a proxy on two cores that is told to end', () => {
    const waiting: ServerResponse[] = [];
    let world: ProxyWorld;
    let app: HttpServer;
    const start = async (env: Record<string, string> = {}) => {
      world = await ProxyWorld.start({ CORES: '2', ...env });
      app = await HttpServer.start(world.pod.hostIp);
      waiting.length = 0;
      app.answer = (_request, response) => void waiting.push(response);
    };
    const stop = async () => {
      app.close();
      await world.stop();
    };

    it('lets the requests of all threads finish', async () => {
      await start();
      const running = Array.from({ length: 12 }, () => get(world.pod.podIp, app.port));
      await eventually('the application is asked', () => waiting.length === 12);
      world.proxy.signal('SIGTERM');
      await eventually(
        'both threads drain',
        () => world.proxy.log.filter((line) => line.includes('Draining')).length === 2,
      );
      for (const response of waiting) response.end('late');
      for (const answer of await Promise.all(running))
        expect(answer).toMatchObject({ status: 200, body: 'late' });
      expect(await world.proxy.exited).toBe(0);
      await stop();
    });

    it('gives up on all threads after the grace period', async () => {
      await start({ SHUTDOWN_GRACE_PERIOD: '300ms' });
      const broken = Array.from({ length: 6 }, () => get(world.pod.podIp, app.port).catch(() => 'broken'));
      await eventually('the application is asked', () => waiting.length === 6);
      world.proxy.signal('SIGTERM');
      expect(await world.proxy.exited).toBe(0);
      expect(await Promise.all(broken)).toEqual(Array(6).fill('broken'));
      const lines = world.proxy.log.filter((line) =>
        line.includes('Connections remain after the grace period'),
      );
      expect(lines.length).toBeGreaterThanOrEqual(1);
      await stop();
    });
  });

  describe('a port in use', () => {
    it('is noticed on two cores, too', async () => {
      const world = await ProxyWorld.start({ CORES: '2' });
      const env = { CORES: '2', ADMIN_LISTEN_ADDR: '0.0.0.0:4999' };
      const second = new ProxyProcess(world.controlPlane, { pod: world.pod, env });
      expect(await second.exited).toBe(1);
      expect(second.stderr).toContain('0.0.0.0:4143');
      await world.stop();
    });
  });
}
