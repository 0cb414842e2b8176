import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { clientHello, getRequest, headersFrame, resetFrame } from '../src/http2/frames.builder.ts';
import { recordHello } from '../src/tls/client-hello.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { eventually, ProxyWorld } from './proxy-process.builder.ts';
import { get, HttpServer, RawClient, SteadyClient } from './traffic.builder.ts';

jest.setTimeout(30_000);

/** What a proxy may keep of attacks that held much more, megabytes. */
const MEMORY_SLACK = 16;
const IDLE_CONNECTIONS = 2000;
const RESETS = 20_000;

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('hostile clients', () => {
    let world: ProxyWorld;
    let app: HttpServer;
    let bystander: SteadyClient;
    let memoryBefore = 0;
    const attackers: RawClient[] = [];

    beforeAll(async () => {
      // Patient with the application, which shares its process with the attackers.
      world = await ProxyWorld.start({ INBOUND_DETECT_TIMEOUT: '2s', INBOUND_CONNECT_TIMEOUT: '10s' });
      app = await HttpServer.start(world.pod.hostIp, 'hello');
      const warming = new SteadyClient(world.pod.podIp, app.port);
      await eventually('it is warm', () => warming.succeeded > 500);
      await warming.stop();
      memoryBefore = world.proxy.memory;
    });
    afterAll(async () => {
      app.close();
      await world.stop();
    });

    async function attack(bytes: string | Buffer = ''): Promise<RawClient> {
      const attacker = await RawClient.open(world.pod.podIp, app.port);
      attackers.push(attacker);
      return attacker.send(bytes);
    }
    const askedBy = (path: string) => app.asked.filter((line) => line.endsWith(path));
    const offences = (offence: string) =>
      world.proxy.metric('proxy_peer_offences_total', `offence="${offence}"`);

    describe('while another client is served', () => {
      beforeEach(() => {
        app.asked.length = 0;
        bystander = new SteadyClient(world.pod.podIp, app.port);
      });
      afterEach(async () => {
        for (const { socket } of attackers.splice(0)) socket.destroy();
        await bystander.stop();
        expect(bystander.failures).toEqual([]);
        expect(bystander.succeeded).toBeGreaterThan(0);
      });

      it('that send garbage get no further than their own connection', async () => {
        const garbage = Array.from({ length: 50 }, () => attack(randomBytes(4096)));
        const almost = [
          'GET',
          'GET / HTTP/1.1',
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff',
        ];
        await Promise.all([...garbage, ...almost.map((text) => attack(text))]);
        await eventually('the bystander goes on', () => bystander.succeeded > 50);
        expect(app.asked.every((line) => line === 'GET /')).toBe(true);
      });

      it('that send half a ClientHello, or nothing, are closed in time', async () => {
        const hello = await recordHello({ servername: 'orders' });
        const silent = await Promise.all([
          attack(hello.subarray(0, 40)),
          attack(hello.subarray(0, hello.length - 1)),
          attack('\x16'),
          attack(),
        ]);
        await eventually('they are closed', () => silent.every(({ closed }) => closed));
        const errors = await world.proxy.metric('inbound_tcp_errors_total', 'error="tls detection timeout"');
        expect(errors).toBe(silent.length);
      });

      it('that send a head of 1 MB are answered 431', async () => {
        const head = `GET /huge HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`;
        const attacker = await attack(head);
        await eventually('it is answered', () => attacker.text !== '' && attacker.closed);
        expect(attacker.text).toMatch(/^HTTP\/1\.1 431 /);
        expect(askedBy('/huge')).toEqual([]);
        expect(await offences('head-too-large')).toBeGreaterThan(0);
      });

      it.each([
        [
          'end a line with LF alone',
          'GET /a HTTP/1.1\nhost: a\n\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'bare-lf',
        ],
        [
          'give two kinds of length',
          'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n' +
            '0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'content-length-with-transfer-encoding',
        ],
        [
          'give two lengths',
          'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 44\r\n\r\n' +
            'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'content-length-repeated',
        ],
        [
          'put a space before the colon',
          'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length : 44\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'space-before-colon',
        ],
      ])('that %s are answered 400, and nothing of theirs is passed on', async (_what, bytes, offence) => {
        const attacker = await attack(bytes);
        await eventually('it is answered', () => attacker.text !== '' && attacker.closed);
        expect(attacker.text).toMatch(/^HTTP\/1\.1 400 /);
        expect(attacker.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
        expect([...askedBy('/a'), ...askedBy('/smuggled')]).toEqual([]);
        expect(await offences(offence)).toBeGreaterThan(0);
      });

      it('that reset every stream they open are shown the door', async () => {
        const attacker = await attack(clientHello());
        // As another proxy would carry HTTP/1, which is what the application speaks.
        const request = [...getRequest, 'host', 'web', 'l5d-orig-proto', 'HTTP/1.1'];
        for (let id = 1; id < 2 * RESETS && !attacker.closed; id += 2) {
          attacker.send(Buffer.concat([headersFrame(id, request), resetFrame(id, 8)]));
          if (id % 1000 === 1) await new Promise((resolve) => setImmediate(resolve));
        }
        await eventually('it is closed', () => attacker.closed);
        // GOAWAY with ENHANCE_YOUR_CALM.
        expect(attacker.text).toMatch(/\0\0\0\x0b/);
        expect(app.asked.length - bystander.succeeded).toBeLessThan(RESETS / 2);
        expect(await offences('rapid_reset')).toBe(1);
      });

      it('that open thousands of connections and rest leave room for others', async () => {
        const { podIp } = world.pod;
        const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
        const asking: RawClient[] = [];
        for (let opened = 0; opened < IDLE_CONNECTIONS; opened += 100) {
          // Half of them ask once, the others say nothing until they are closed for it.
          const batch = await Promise.all(
            Array.from({ length: 100 }, (_, i) => attack(i < 50 ? request : '')),
          );
          asking.push(...batch.slice(0, 50));
        }
        await eventually('those that ask are answered', () =>
          asking.every(({ text }) => text.endsWith('hello')),
        );
        expect((await get(podIp, app.port)).status).toBe(200);
        expect(await world.proxy.metric('tcp_open_connections', 'peer="src"')).toBeGreaterThan(900);
      });
    });

    it('leave nothing behind', async () => {
      await eventually('all but ours are gone', async () => {
        return (await world.proxy.metric('tcp_open_connections', 'peer="src"', `"${app.port}"`)) <= 8;
      });
      // A proxy that has nothing to do gives back what it does not need.
      await eventually(
        `memory is near ${memoryBefore.toFixed(0)} MB again`,
        () => world.proxy.memory < memoryBefore + MEMORY_SLACK,
        20_000,
      );
      expect(world.proxy.log.filter((line) => line.includes(' ERROR '))).toEqual([]);
      expect(await world.proxy.metric('proxy_unexpected_errors_total')).toBe(0);
    });
  });
}
