import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { getRequest, headersFrame } from '../../src/http2/frames.builder.ts';
import { detect, everyone, identities, routeTo, server } from '../../src/policy/server.builder.ts';
import { Authority, dnsName } from '../../src/tls/certificates.builder.ts';
import { canMakePods } from '../pod.builder.ts';
import { eventually, ORDERS } from '../proxy-process.builder.ts';
import { get } from '../traffic.builder.ts';
import { Siege } from './siege.builder.ts';

jest.setTimeout(30_000);

const ADMIN = 'admin.shop.serviceaccount.identity.linkerd.cluster.local';

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('clients that pretend', () => {
    let siege: Siege;
    /** What the application was told of each request besides the bystander's. */
    let heard: { url: string; headers: Record<string, unknown> }[] = [];

    beforeAll(async () => {
      siege = await Siege.start('inbound', { INBOUND_DETECT_TIMEOUT: '2s' });
      siege.app.answer = (request, response) => {
        if (request.url !== '/') heard.push({ url: String(request.url), headers: request.headers });
        if (request.url === '/upgrade') {
          response.writeHead(200).end('not upgraded');
          return;
        }
        response.end('hello');
      };
      const admins = [identities('admins', ADMIN)];
      const secretHost = { hosts: [{ match: { case: 'exact' as const, value: 'secret.test' } }] };
      siege.world.controlPlane.policy(siege.app.port).set(
        server({
          // What the server admits, its routes admit, too.
          authorizations: [],
          protocol: detect({
            routes: [
              routeTo('/admin', { authorizations: admins, name: '__proto__' }),
              { ...routeTo('/', { authorizations: admins, name: 'secret' }), ...secretHost },
              routeTo('/', { authorizations: [everyone()], name: 'constructor' }),
            ],
          }),
        }),
      );
      const { podIp } = siege.world.pod;
      await eventually(
        'the policy is in force',
        async () => (await get(podIp, siege.app.port, { path: '/admin' })).status === 403,
      );
    });
    afterAll(() => siege.stop());

    const send = async (bytes: string | Buffer) => {
      const attacker = await siege.attack(bytes);
      await eventually('it is answered', () => attacker.text !== '');
      return attacker;
    };

    describe('while another client is served', () => {
      beforeEach(() => {
        heard = [];
        siege.begin();
      });
      afterEach(() => siege.lift());

      it.each([
        ['GET /admin HTTP/1.1\r\nhost: a\r\n\r\n'],
        ['GET /admin/ HTTP/1.1\r\nhost: a\r\n\r\n'],
        ['GET /admin?x=/ HTTP/1.1\r\nhost: a\r\n\r\n'],
        ['GET http://a/admin HTTP/1.1\r\nhost: a\r\n\r\n'],
        ['GET http://a/admin HTTP/1.1\r\nhost: b\r\n\r\n'],
        ['GET / HTTP/1.1\r\nhost: secret.test\r\n\r\n'],
        ['GET / HTTP/1.1\r\nhost: SECRET.test:80\r\n\r\n'],
        ['GET http://secret.test/ HTTP/1.1\r\nhost: open.test\r\n\r\n'],
        ['GET http://secret.test/ HTTP/1.0\r\n\r\n'],
      ])('%j is judged as what it asks for', async (bytes) => {
        const { text } = await send(bytes);
        expect(text).toMatch(/^HTTP\/1\.[01] 403 /);
        expect(heard).toEqual([]);
      });

      it.each([
        '//admin',
        '/./admin',
        '/x/../admin',
        '/%61dmin',
        '/admin%2f..',
        '/ADMIN',
        '/admin;x',
        '/admin\\x',
        '/adminx',
      ])('%s is passed on to the byte, or not at all', async (path) => {
        const { text } = await send(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
        if (text.startsWith('HTTP/1.1 200 ')) expect(heard.map(({ url }) => url)).toEqual([path]);
        else expect(heard).toEqual([]);
        expect(heard.some(({ url }) => /^\/admin(\/|\?|$)/.test(url))).toBe(false);
      });

      it('a target of another host than Host reaches the application under the host it was judged by', async () => {
        await send('GET http://open.test/who HTTP/1.1\r\nhost: secret.test\r\n\r\n');
        for (const { url, headers } of heard) {
          expect(url === '/who' ? headers.host : new URL(url).host).toBe('open.test');
        }
      });

      it('headers of the mesh cannot be forged', async () => {
        const forged = [`l5d-client-id: ${ADMIN}`, `L5d-Client-Id: ${ADMIN}`].join('\r\n');
        const { text } = await send(`GET /admin HTTP/1.1\r\nhost: a\r\n${forged}\r\n\r\n`);
        expect(text).toMatch(/^HTTP\/1\.1 403 /);
        await send(`GET /forged HTTP/1.1\r\nhost: a\r\n${forged}\r\n\r\n`);
        await eventually('it is heard', () => heard.length === 1);
        expect(heard[0]?.headers['l5d-client-id']).toBeUndefined();
      });

      it('names of JavaScript are names like others', async () => {
        const names = '__proto__: a\r\nconstructor: b\r\nhasOwnProperty: c\r\ntoString: d\r\n';
        const { text } = await send(`GET /named HTTP/1.1\r\nhost: __proto__\r\n${names}\r\n`);
        expect(text).toMatch(/^HTTP\/1\.1 200 /);
        const attacker = await siege.flood(1, () =>
          headersFrame(1, [
            ...getRequest.slice(0, 4),
            ':path',
            '/named2',
            ':authority',
            '__proto__',
            'host',
            '__proto__',
            '__proto__',
            'a',
            'l5d-orig-proto',
            'HTTP/1.1',
          ]),
        );
        await eventually('both are heard', () => heard.length === 2 && attacker.text.includes('hello'));
        const allowed = await siege.world.proxy.metric(
          'inbound_http_authz_allow_total',
          'route_name="constructor"',
        );
        const denied = await siege.world.proxy.metric(
          'inbound_http_authz_deny_total',
          'route_name="__proto__"',
        );
        expect(Math.min(allowed, denied)).toBeGreaterThan(0);
      });

      it.each(['99999999H', '99999999999999999999S', '-1S', '1', 'NaNm', ''])(
        'a timeout of %j starts no timer',
        async (timeout) => {
          const { text } = await send(
            `GET /slow HTTP/1.1\r\nhost: a\r\ngrpc-timeout: ${timeout}\r\nl5d-timeout: ${timeout}\r\n\r\n`,
          );
          expect(text).toMatch(/^HTTP\/1\.1 200 /);
        },
      );

      it('what follows an upgrade that was refused is judged as a request of its own', async () => {
        const attacker = await siege.attack(
          'GET /upgrade HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n' +
            'GET /admin HTTP/1.1\r\nhost: a\r\n\r\n',
        );
        await eventually(
          'both are answered',
          () => attacker.text.split('HTTP/1.1 ').length === 3 || attacker.closed,
        );
        expect(attacker.text).toMatch(/^HTTP\/1\.1 200 /);
        expect(attacker.text.split('HTTP/1.1 ')[2] ?? '403').toMatch(/^403/);
        expect(heard.map(({ url }) => url)).toEqual(['/upgrade']);
      });

      it.each<[string, Buffer[]]>([
        ['a NUL in its name', [dnsName(`${ADMIN}\0.evil.test`)]],
        ['a wildcard', [dnsName(ADMIN.replace('admin', '*'))]],
        ['a thousand names', Array.from({ length: 1000 }, (_, i) => dnsName(`n${i}.evil.test`))],
        ['a name of 10 kB', [dnsName(`${'a'.repeat(10_000)}.evil.test`)]],
        ['no name', []],
      ])('a certificate with %s gives no right', async (_what, names) => {
        const { controlPlane } = siege.world;
        const answer = await ask(controlPlane.issuer.certify(ADMIN, { names, commonName: ADMIN }));
        expect(answer).not.toMatch(/^HTTP\/1\.1 200 /);
        expect(heard).toEqual([]);
      });

      it('a certificate below twenty issuers is proved or refused, and nobody waits for it', async () => {
        let { issuer } = siege.world.controlPlane;
        for (let depth = 0; depth < 20; depth++) issuer = issuer.issuer(`issuer${depth}`);
        const startedAt = performance.now();
        await ask(issuer.certify(ADMIN));
        expect(performance.now() - startedAt).toBeLessThan(2000);
      });

      it('a chain that leads nowhere is refused and counted', async () => {
        const { issuer } = siege.world.controlPlane;
        const stranger = issuer.certify(ADMIN);
        const answer = await ask({ ...stranger, ...Authority.root().certify(ADMIN) });
        expect(answer).toBe('');
        expect(
          await siege.world.proxy.metric('tls_handshake_failures_total', 'direction="inbound"'),
        ).toBeGreaterThan(0);
      });

      it('the admin’s own certificate is let in, so that the rest means something', async () => {
        expect(await ask(siege.world.controlPlane.issuer.certify(ADMIN))).toMatch(/^HTTP\/1\.1 200 /);
      });
    });

    /** Asks for /admin with this certificate: all of the answer, '' without one. */
    function ask({
      key,
      leaf,
      intermediates,
    }: ReturnType<Siege['world']['controlPlane']['certify']>): Promise<string> {
      return new Promise((resolve) => {
        let text = '';
        const socket = connectTls({
          socket: connect(siege.app.port, siege.world.pod.podIp),
          servername: ORDERS,
          minVersion: 'TLSv1.3',
          key: key.export({ type: 'pkcs8', format: 'pem' }),
          cert: [leaf, ...intermediates].map((certificate) => certificate.toString()).join(''),
          rejectUnauthorized: false,
        });
        socket.on('secureConnect', () =>
          socket.write('GET /admin HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'),
        );
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
        });
        socket.setTimeout(3000, () => socket.destroy());
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
      });
    }

    it('leave nothing behind', () => siege.expectNothingLeft());
  });
}
