import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { add } from '../src/discovery/update.builder.ts';
import { everyone, server } from '../src/policy/server.builder.ts';
import { dialDirect, http2Over, readAll } from './mesh-client.builder.ts';
import { canMakePods } from './pod.builder.ts';
import { ORDERS, ProxyWorld } from './proxy-process.builder.ts';
import { HttpServer } from './traffic.builder.ts';

jest.setTimeout(30_000);

const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const INBOUND = 4143;
const mail = 'mail.shop.svc.cluster.local';

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('a gateway', () => {
    let world: ProxyWorld;
    let app: HttpServer;
    let echo: Server;
    let seen: Record<string, unknown> = {};

    const dial = (name: string, port: number, session: 'http/1' | 'http/2' | null, identity = WEB) =>
      dialDirect(world.controlPlane, world.pod.podIp, INBOUND, { identity, header: { port, name, session } });
    /** Asks in HTTP/1 over a connection of its own, and gives all that comes back. */
    const ask = async (name: string, port: number, headers = '', identity = WEB) => {
      const socket = await dial(name, port, 'http/1', identity);
      const body = '{"amount":1}';
      const framing = `content-length: ${body.length}\r\nconnection: close`;
      socket.write(`POST /orders?a=b HTTP/1.1\r\nhost: here\r\n${headers}${framing}\r\n\r\n${body}`);
      return readAll(socket);
    };

    beforeAll(async () => {
      world = await ProxyWorld.start(
        {
          INBOUND_GATEWAY_SUFFIXES: 'svc.cluster.local.',
          OUTBOUND_HTTP_FAILFAST_TIMEOUT: '300ms',
          OUTBOUND_TCP_FAILFAST_TIMEOUT: '300ms',
        },
        (controlPlane) => controlPlane.policy(INBOUND).set(server({ authorizations: [everyone()] })),
      );
      const { controlPlane, pod } = world;
      app = await HttpServer.start(pod.hostIp);
      app.answer = (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          seen = { ...request.headers, body: Buffer.concat(chunks).toString() };
          response.end('from mail');
        });
      };
      echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
      await new Promise<void>((resolve) => echo.listen(0, pod.hostIp, resolve));
      controlPlane.profile(`${mail}:8080`).set({ fullyQualifiedName: mail });
      controlPlane.endpoints(`${mail}:8080`).set(add([`${pod.hostIp}:${app.port}`]));
      const { port } = echo.address() as { port: number };
      controlPlane.profile(`${mail}:25`).set({ fullyQualifiedName: mail, opaqueProtocol: true });
      controlPlane.endpoints(`${mail}:25`).set(add([`${pod.hostIp}:${port}`]));
    });
    afterAll(async () => {
      app.close();
      echo.close();
      await world.stop();
    });

    it('leads requests in HTTP/1 to the service that they are for', async () => {
      expect(await ask(mail, 8080)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*from mail$/);
      expect(seen).toMatchObject({
        host: `${mail}:8080`,
        body: '{"amount":1}',
        forwarded: `by=${ORDERS};for=${WEB};host=${mail}:8080;proto=https`,
        'l5d-dst-canonical': `${mail}:8080`,
      });
      expect(app.asked.at(-1)).toBe('POST /orders?a=b');
      expect(await world.proxy.metric('inbound_tcp_transport_header_connections_total', mail)).toBe(1);
      expect(
        await world.proxy.metric('request_total', 'direction="outbound"', `authority="${mail}:8080"`),
      ).toBe(1);
    });

    it('leads requests that another proxy carries over HTTP/2, many over one connection', async () => {
      const session = http2Over(await dial(mail, 8080, 'http/2'));
      const one = (path: string) =>
        new Promise<string>((resolve, reject) => {
          const fields = { ':path': path, ':authority': 'there', 'l5d-orig-proto': 'HTTP/1.1' };
          const stream = session.request(fields);
          let text = '';
          stream.on('response', (head) => {
            text = `${head[':status']} ${head['l5d-orig-proto']} `;
          });
          stream.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          stream.on('end', () => resolve(text));
          stream.on('error', reject);
        });
      const answers = await Promise.all(['/1', '/2', '/3'].map(one));
      session.close();
      expect(answers).toEqual(new Array(3).fill('200 HTTP/1.1 from mail'));
      expect(seen).toMatchObject({ host: `${mail}:8080` });
    });

    it('leads bytes to the service that they are for', async () => {
      const socket = await dial(mail, 25, null);
      const answered = readAll(socket);
      socket.end('EHLO');
      expect(await answered).toBe('EHLO');
    });

    it('says that a name under its suffixes leads nowhere', async () => {
      expect(await ask('nobody.shop.svc.cluster.local', 80)).toMatch(/^HTTP\/1\.1 404 /);
      const socket = await dial('nobody.shop.svc.cluster.local', 80, null);
      expect(await readAll(socket)).toBe('');
    });

    it('closes connections for names that it does not stand for', async () => {
      const socket = await dial('example.com', 80, 'http/1');
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
      expect(await readAll(socket)).toBe('');
    });

    it('notices that a request goes round in circles', async () => {
      const forwarded = `forwarded: by=${ORDERS};for=x;host=y;proto=https\r\n`;
      expect(await ask(mail, 8080, forwarded)).toMatch(
        /^HTTP\/1\.1 508 [\s\S]*l5d-proxy-error: gateway loop detected\r\n/,
      );
      expect(await ask(mail, 8080, '', ORDERS)).toMatch(/^HTTP\/1\.1 508 /);
    });

    it('lets in only whom its policy lets in', async () => {
      world.controlPlane.policy(INBOUND).set(server({ authorizations: [] }));
      await expect(
        (async () => {
          for (let i = 0; i < 100; i++) if (/^HTTP\/1\.1 403 /.test(await ask(mail, 8080))) return 403;
          return 200;
        })(),
      ).resolves.toBe(403);
      world.controlPlane.policy(INBOUND).set(server({ authorizations: [everyone()] }));
    });

    it('says what goes wrong behind it', async () => {
      world.controlPlane.profile(`${mail}:81`).set({ fullyQualifiedName: mail });
      world.controlPlane.endpoints(`${mail}:81`).set({ update: { case: 'noEndpoints', value: {} } });
      expect(await ask(mail, 81)).toMatch(
        /^HTTP\/1\.1 504 [\s\S]*l5d-proxy-error: .*service in fail-fast\r\n/,
      );
    });
  });
}
