import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ORDERS } from '../proxy-process.builder.ts';
import { hashOf, patterned } from './http1-service.builder.ts';
import { pairs } from './makes.builder.ts';
import { MeshPair, type Way, WEB } from './mesh-pair.builder.ts';
import { dial, exchange, received, TcpApp } from './tcp-peer.builder.ts';

/** TLS: what turns out not to be HTTP, with a first packet that could not begin it. */
const ways: Way[] = ['opaque', 'TLS'];
const BULK = 32 * 1024 * 1024;
const GREETING = 'this is not in the least HTTP\n';

describe.each(pairs)('opaque bytes $title', (makes) => {
  let pair: MeshPair;
  const apps: TcpApp[] = [];
  const serve = async (way: Way, on: Parameters<typeof TcpApp.start>[1]) => {
    const app = await TcpApp.start(pair.server.pod.hostIp, on);
    apps.push(app);
    return pair.serve(app.port, way);
  };

  beforeAll(async () => {
    pair = await MeshPair.start(makes);
  });
  afterAll(async () => {
    for (const app of apps) app.close();
    await pair.stop();
  });

  describe.each(ways)('over %s', (way) => {
    it('come back from an echo', async () => {
      const { ip, port } = await serve(way, (socket) => void socket.pipe(socket));
      expect((await exchange(ip, port, GREETING)).toString()).toBe(GREETING);
    });

    it('go up in bulk', async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const { ip, port } = await serve(way, (socket) => {
        void received(socket).then((bytes) => {
          resolve(hashOf(bytes));
          socket.end('thanks');
        });
      });
      const bulk = Buffer.concat([Buffer.from(GREETING), patterned(BULK)]);
      expect((await exchange(ip, port, bulk)).toString()).toBe('thanks');
      expect(await promise).toBe(hashOf(bulk));
    });

    it('come down in bulk', async () => {
      const bulk = patterned(BULK);
      const { ip, port } = await serve(way, (socket) => void socket.end(bulk).resume());
      expect(hashOf(await exchange(ip, port, GREETING))).toBe(hashOf(bulk));
    });

    it('go on in one direction when the other has ended', async () => {
      let heard: Promise<Buffer> | undefined;
      const { ip, port } = await serve(way, (socket) => {
        // It has nothing to say, and listens to the end.
        socket.once('data', () => socket.end('bye'));
        heard = received(socket);
      });
      const socket = await dial(ip, port);
      socket.write(GREETING);
      expect((await received(socket)).toString()).toBe('bye');
      for (let i = 0; i < 3; i++) {
        await after(30);
        expect(socket.write('still here')).toBe(true);
      }
      socket.end();
      expect((await heard)?.toString()).toBe(`${GREETING}${'still here'.repeat(3)}`);
    });

    it('end with a broken connection of the application', async () => {
      const { ip, port } = await serve(way, (socket) => socket.once('data', () => socket.resetAndDestroy()));
      const socket = await dial(ip, port);
      socket.write(GREETING);
      socket.resume().once('end', () => socket.end());
      await once(socket, 'close');
    });
  });

  it('need not begin with the client where discovery says that they are opaque', async () => {
    const { ip, port } = await serve('opaque', (socket) => void socket.end('220 ready\r\n'));
    const socket = await dial(ip, port);
    expect((await received(socket)).toString()).toBe('220 ready\r\n');
    socket.end();
  });

  it('are counted with who spoke to whom', async () => {
    const { client, server } = pair;
    const opened = (world: typeof client, ...labels: string[]) =>
      world.proxy.metric('tcp_open_total', ...labels);
    const outbound = ['direction="outbound"', 'peer="dst"', 'tls="true"', `server_id="${ORDERS}"`];
    const inbound = ['direction="inbound"', 'peer="src"', 'tls="true"', `client_id="${WEB}"`];
    expect(await opened(client, ...outbound)).toBe(11);
    expect(await opened(server, ...inbound)).toBe(11);
    const headers = ['session_protocol=""', `client_id="${WEB}"`];
    expect(await server.proxy.metric('inbound_tcp_transport_header_connections_total', ...headers)).toBe(6);
  });
});
