import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { remove } from '../../src/discovery/update.builder.ts';
import { eventually, type ProxyWorld } from '../proxy-process.builder.ts';
import { weft } from '../proxy-program.builder.ts';
import { get, HttpServer, RawClient, SteadyClient } from '../traffic.builder.ts';
import { type Apps, startApps } from './apps.builder.ts';
import { Call } from './grpc-peer.builder.ts';
import { Http2Caller } from './http2-peer.builder.ts';
import { pairs } from './makes.builder.ts';
import { addMeshed, MeshPair, meshed, type Way } from './mesh-pair.builder.ts';
import { dial, received } from './tcp-peer.builder.ts';

const ways: Way[] = ['TLS', 'HTTP/2', 'transport header'];
const GREETING = 'this is not in the least HTTP\n';

/** New connections are no longer taken. */
const refuses = (ip: string, port: number) =>
  eventually('new connections are refused', () =>
    RawClient.open(ip, port).then(
      ({ socket }) => {
        socket.destroy();
        return false;
      },
      () => true,
    ),
  );

describe.each(pairs)('the end of a proxy $title', (makes) => {
  let pair: MeshPair;
  let app: Apps['app'];
  let rpc: Apps['rpc'];
  let echo: Apps['echo'];
  /** The requests that the application has not answered. */
  const waiting: ServerResponse[] = [];

  beforeEach(async () => {
    pair = await MeshPair.start(makes);
    ({ app, rpc, echo } = await startApps(pair.server.pod.hostIp));
    waiting.length = 0;
  });
  afterEach(async () => {
    for (const each of [app, rpc, echo]) each.close();
    await pair.stop();
  });

  it.each(['client', 'server'] as const)('on the side of the %s lets finish what has begun', async (side) => {
    app.answer = (_request, response) => void waiting.push(response);
    const asked = ways.map((way) => pair.serve(app.port, way)).map(({ ip, port }) => get(ip, port));
    const calling = pair.serve(rpc.port, 'HTTP/2');
    const caller = await Http2Caller.open(calling.ip, calling.port);
    const talk = new Call(caller, 'Bidi').send('one');
    expect(await talk.next()).toBe('re: one');
    const opaque = pair.serve(echo.port, 'opaque');
    const bytes = await dial(opaque.ip, opaque.port);
    bytes.write(GREETING);
    await once(bytes, 'data');
    await eventually('the application is asked', () => waiting.length === ways.length);

    const { pod, proxy } = pair[side];
    proxy.signal('SIGTERM');
    await (side === 'client' ? refuses(opaque.ip, opaque.port) : refuses(pod.podIp, app.port));
    for (const response of waiting) response.end('late');
    for (const answer of await Promise.all(asked))
      expect(answer).toMatchObject({ status: 200, body: 'late' });
    expect(await talk.send('two').next()).toBe('re: two');
    expect(await talk.end().finish()).toMatchObject({ code: '0' });
    const rest = received(bytes);
    bytes.end('the last');
    expect((await rest).toString()).toBe('the last');
    caller.close();
    expect(await proxy.exited).toBe(0);
  });

  it('is not felt by clients of a service with another endpoint', async () => {
    const second: ProxyWorld = await pair.secondServer(makes.server);
    const other = await HttpServer.start(second.pod.hostIp, 'other');
    const services = ways.map((way) => {
      const service = pair.serve(app.port, way);
      const both = [meshed(pair.server.pod.podIp, app.port, way), meshed(second.pod.podIp, other.port, way)];
      pair.client.controlPlane.endpoints(service.path).set(addMeshed(...both));
      return service;
    });
    const clients = services.map(({ ip, port }) => new SteadyClient(ip, port));
    try {
      await eventually('all are served', () => clients.every(({ succeeded }) => succeeded > 50));
      expect(app.asked.length).toBeGreaterThan(0);
      const takeAway = () => {
        const gone = remove(`${pair.server.pod.podIp}:${app.port}`);
        for (const { path } of services) pair.client.controlPlane.endpoints(path).set(gone);
      };
      // Ours need not be told before. A stock client would lose requests meanwhile, as it does between two of its own.
      if (makes.client !== weft) takeAway();
      pair.server.proxy.signal('SIGTERM');
      await after(100);
      takeAway();
      expect(await pair.server.proxy.exited).toBe(0);
      const before = clients.map(({ succeeded }) => succeeded);
      await eventually('all go on', () => clients.every(({ succeeded }, i) => succeeded > before[i] + 50));
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
      other.close();
      await second.stop();
    }
    const [overHttp1 = [], ...overHttp2] = clients.map(({ failures }) => failures);
    // HTTP/1 knows no GOAWAY: each connection may lose the request that meets its end on the way.
    expect(overHttp1.length).toBeLessThanOrEqual(SteadyClient.CONNECTIONS);
    // A stock client may lose what it sends in the moment of a GOAWAY.
    for (const failures of overHttp2)
      expect(failures.length).toBeLessThanOrEqual(makes.client === weft ? 0 : SteadyClient.CONNECTIONS);
  });
});
