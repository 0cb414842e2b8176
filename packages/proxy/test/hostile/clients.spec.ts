import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { recordHello } from '../../src/tls/client-hello.builder.ts';
import { canMakePods } from '../pod.builder.ts';
import { eventually } from '../proxy-process.builder.ts';
import { get, type RawClient } from '../traffic.builder.ts';
import { Siege } from './siege.builder.ts';

jest.setTimeout(30_000);

const IDLE_CONNECTIONS = 10_000;
const ASKING = 500;

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('hostile clients', () => {
    let siege: Siege;

    beforeAll(async () => {
      siege = await Siege.start('inbound', { INBOUND_DETECT_TIMEOUT: '2s', HTTP_HEAD_TIMEOUT: '1s' });
    });
    afterAll(() => siege.stop());

    const attack = (bytes: string | Buffer = '') => siege.attack(bytes);
    const askedBy = (path: string) => siege.app.asked.filter((line) => line.endsWith(path));

    describe('while another client is served', () => {
      beforeEach(() => siege.begin());
      afterEach(() => siege.lift());

      it('that send garbage get no further than their own connection', async () => {
        const garbage = Array.from({ length: 50 }, () => attack(randomBytes(4096)));
        const almost = [
          'GET',
          'GET / HTTP/1.1',
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff',
        ];
        await Promise.all([...garbage, ...almost.map((text) => attack(text))]);
        await eventually('the bystander goes on', () => siege.bystander.succeeded > 50);
        expect(siege.app.asked.every((line) => line === 'GET /')).toBe(true);
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
        const errors = await siege.world.proxy.metric(
          'inbound_tcp_errors_total',
          'error="tls detection timeout"',
        );
        expect(errors).toBe(silent.length);
      });

      it('that send a head of 1 MB are answered 431', async () => {
        const head = `GET /huge HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`;
        const attacker = await attack(head);
        await eventually('it is answered', () => attacker.text !== '' && attacker.closed);
        expect(attacker.text).toMatch(/^HTTP\/1\.1 431 /);
        expect(askedBy('/huge')).toEqual([]);
        expect(await siege.offences('head-too-large')).toBeGreaterThan(0);
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
        [
          'name a coding that only some would read as chunked',
          'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'transfer-encoding',
        ],
        [
          'repeat the coding',
          'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n' +
            '0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'transfer-encoding',
        ],
        [
          'use chunks in HTTP/1.0',
          'POST /a HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'transfer-encoding',
        ],
        [
          'give a length with a sign',
          'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: +44\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'content-length',
        ],
        [
          'give a list of lengths',
          'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 44, 44\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'content-length',
        ],
        [
          'fold a line',
          'POST /a HTTP/1.1\r\nhost: a\r\nx: y\r\n content-length: 44\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'obs-fold',
        ],
        [
          'end a line with CR alone',
          'GET /a HTTP/1.1\r\nhost: a\rx: y\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'bare-cr',
        ],
        [
          'put a NUL into a value',
          'GET /a HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'field-value',
        ],
        [
          'name two hosts',
          'GET /a HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
          'host-repeated',
        ],
      ])('that %s are refused, and nothing of theirs is passed on', async (_what, bytes, offence) => {
        const attacker = await attack(bytes);
        await eventually('it is answered', () => attacker.text !== '' && attacker.closed);
        expect(attacker.text).toMatch(/^HTTP\/1\.1 (400|501) /);
        expect(attacker.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
        expect([...askedBy('/a'), ...askedBy('/smuggled')]).toEqual([]);
        expect(await siege.offences(offence)).toBeGreaterThan(0);
      });

      it.each([
        ['a chunk longer than it says', '3\r\nabcGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n', 'chunk'],
        ['a chunk size that overflows', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n', 'chunk'],
        ['an LF alone behind a chunk extension', '3;x\nabc\r\n0\r\n\r\n', 'bare-lf'],
        ['trailers of 1 MB', `0\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`, 'trailers-too-large'],
      ])('that send %s lose their connection with it', async (_what, chunks, offence) => {
        const head = 'POST /chunks HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';
        await siege.counting(offence, async () => {
          const attacker = await attack(head + chunks);
          await eventually('it is closed', () => attacker.closed);
        });
        expect(askedBy('/smuggled')).toEqual([]);
      });

      it('that send their head drop by drop are answered 408 in time', async () => {
        const counted = await siege.counting('head-timeout', async () => {
          const slow = await Promise.all(
            Array.from({ length: 20 }, () => attack('GET /slow HTTP/1.1\r\nhost: a\r\n')),
          );
          await eventually('they are answered and closed', () => {
            for (const attacker of slow) attacker.send('x');
            return slow.every(({ closed }) => closed);
          });
          expect(slow.every(({ text }) => text.startsWith('HTTP/1.1 408 '))).toBe(true);
        });
        expect(counted).toBe(20);
        expect(askedBy('/slow')).toEqual([]);
      });

      it('that leave abruptly in the middle of whatever they do are forgotten', async () => {
        siege.app.answer = (request, response) => {
          if (request.url === '/') response.end('hello');
        };
        const said = [
          'GET /held HTTP/1.1\r\nhost: a\r\n\r\n',
          'POST /held HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nx',
          'POST /held HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nff\r\n',
          'GET /held HTTP/1.1\r\nhost:',
        ];
        const leaving = await Promise.all(Array.from({ length: 200 }, (_, i) => attack(said[i % 4])));
        await eventually('they are heard', () => askedBy('/held').length >= 150);
        for (const { socket } of leaving) socket.resetAndDestroy();
        const { port } = siege.app;
        await eventually('they are gone', async () => {
          const open = await siege.world.proxy.metric('tcp_open_connections', 'peer="src"', `"${port}"`);
          return open <= 8;
        });
        siege.app.answer = (_request, response) => void response.end('hello');
      });

      it('that open ten thousand connections and rest leave room for others', async () => {
        const { podIp } = siege.world.pod;
        const { port } = siege.app;
        const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
        const asking: RawClient[] = [];
        for (let opened = 0; opened < IDLE_CONNECTIONS; opened += 200) {
          // Some ask once, the others say nothing until they are closed for it.
          const batch = await Promise.all(
            Array.from({ length: 200 }, (_, i) =>
              attack(i < (200 * ASKING) / IDLE_CONNECTIONS ? request : ''),
            ),
          );
          asking.push(...batch.slice(0, (200 * ASKING) / IDLE_CONNECTIONS));
        }
        await eventually('those that ask are answered', () =>
          asking.every(({ text }) => text.endsWith('hello')),
        );
        expect((await get(podIp, port)).status).toBe(200);
        expect(await siege.world.proxy.metric('tcp_open_connections', 'peer="src"')).toBeGreaterThan(ASKING);
      });
    });

    it('leave nothing behind', () => siege.expectNothingLeft());
  });
}
