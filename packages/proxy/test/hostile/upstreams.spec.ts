import { connect } from 'node:http2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { clientPreface, Flag, FrameType } from '../../src/http2/frame.ts';
import {
  dataFrame,
  frame,
  goawayFrame,
  literalBlock,
  pingFrame,
  resetFrame,
  settingsFrame,
  windowUpdateFrame,
} from '../../src/http2/frames.builder.ts';
import { Setting } from '../../src/http2/settings.ts';
import { canMakePods } from '../pod.builder.ts';
import { get } from '../traffic.builder.ts';
import { type Conduct, HostileUpstream, saying } from './hostile-upstream.builder.ts';
import { Siege } from './siege.builder.ts';

jest.setTimeout(30_000);

/** Asks over HTTP/2: the status, 0 without an answer, and whether the answer came whole. */
function ask(ip: string, port: number): Promise<{ status: number; whole: boolean }> {
  return new Promise((resolve) => {
    const session = connect(`http://${ip}:${port}`).on('error', () => {});
    const stream = session.request({ ':path': '/attack' });
    const outcome = { status: 0, whole: false };
    stream.on('response', (headers) => {
      outcome.status = Number(headers[':status']);
    });
    stream.on('end', () => {
      outcome.whole = stream.rstCode === 0;
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      session.destroy();
      resolve({ ...outcome, whole: outcome.whole && stream.rstCode === 0 });
    });
    stream.resume();
  });
}

const ok = 'HTTP/1.1 200 OK\r\n';
const many = (count: number, make: () => Buffer) => Buffer.concat(Array.from({ length: count }, make));
const answerHead = (streamId: number, ...fields: string[]) =>
  frame(FrameType.Headers, Flag.EndHeaders, streamId, literalBlock([':status', '200', ...fields]));

/** Greets as an HTTP/2 server and says this once it is asked; the first request has stream 1. */
const sayingHttp2 =
  (bytes: () => Buffer): Conduct =>
  (socket) => {
    socket.write(settingsFrame());
    let heard: Buffer = Buffer.alloc(0);
    let said = false;
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      if (said || !holdsHeaders(heard)) return;
      said = true;
      socket.write(bytes());
    });
  };

/** Whether a client has come so far as to ask. */
function holdsHeaders(bytes: Buffer): boolean {
  for (let at = clientPreface.length; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    if (bytes[at + 3] === FrameType.Headers) return true;
  return false;
}

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('hostile endpoints', () => {
    let siege: Siege;
    let service = 0;
    const upstreams: HostileUpstream[] = [];

    beforeAll(async () => {
      siege = await Siege.start('outbound', {
        OUTBOUND_HTTP_FAILFAST_TIMEOUT: '500ms',
        HTTP2_MAX_CONTROL_FRAMES: '2000',
        HTTP2_MAX_EMPTY_DATA_FRAMES: '200',
        DESTINATION_PROFILE_NETWORKS: '198.18.0.0/15',
      });
    });
    afterAll(() => siege.stop());

    /** A destination of its own that leads to such an endpoint. */
    const lead = async (conduct: Conduct) => {
      const upstream = await HostileUpstream.start(siege.world.pod.hostIp, conduct);
      upstreams.push(upstream);
      const port = 8000 + service++;
      siege.lead(port, {}, upstream.port);
      const ip = siege.world.pod.service(2);
      return { ip, port, upstream };
    };

    describe('while a client of another service is served', () => {
      beforeEach(() => siege.begin());
      afterEach(async () => {
        for (const upstream of upstreams.splice(0)) upstream.close();
        await siege.lift();
      });

      it.each<[string, string, string]>([
        ['garbage', '\xff\xfe\x00garbage\r\n\r\n', 'status-line'],
        ['a head of 1 MB', `${ok}x: ${'y'.repeat(1024 * 1024)}\r\n\r\n`, 'head-too-large'],
        ['a thousand fields', `${ok}${'x: y\r\n'.repeat(1000)}\r\n`, 'too-many-fields'],
        [
          'two kinds of length',
          `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
          'content-length-with-transfer-encoding',
        ],
        [
          'two lengths',
          `${ok}content-length: 0\r\ncontent-length: 5\r\n\r\nsmuggled`,
          'content-length-repeated',
        ],
        ['a folded line', `${ok}x: y\r\n content-length: 5\r\n\r\n`, 'obs-fold'],
        ['an LF alone', `${ok}x: y\nset-cookie: z\r\n\r\n`, 'bare-lf'],
        ['a CR alone', `${ok}x: y\rset-cookie: z\r\n\r\n`, 'bare-cr'],
        [
          'an upgrade that nobody asked for',
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
          'unexpected-upgrade',
        ],
        [
          'informational answers without end',
          'HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n'.repeat(5000),
          'too-many-informational',
        ],
      ])('%s becomes 502', async (_what, bytes, offence) => {
        const { ip, port } = await lead(saying(bytes));
        await siege.counting(
          offence,
          async () => {
            const answer = await get(ip, port);
            expect(answer.status).toBe(502);
            expect(JSON.stringify(answer.headers)).not.toMatch(/smuggled|set-cookie/);
          },
          'dst',
        );
      });

      it.each(['99999999h', '99999999999999999999s', '2147483648ms'])(
        'a client that asks for a timeout of %s is answered, however long it takes',
        async (timeout) => {
          const upstream = await HostileUpstream.start(siege.world.pod.hostIp, (socket) =>
            socket.on('data', () => setTimeout(() => socket.write(`${ok}content-length: 2\r\n\r\nok`), 50)),
          );
          upstreams.push(upstream);
          const port = 8000 + service++;
          siege.lead(port, { allowL5dRequestHeaders: true }, upstream.port);
          const headers = { 'l5d-timeout': timeout, 'l5d-response-timeout': timeout };
          expect(await get(siege.world.pod.service(2), port, { headers })).toMatchObject({
            status: 200,
            body: 'ok',
          });
        },
      );

      it('a second answer to one request is nobody’s', async () => {
        const answer = (body: string) => `${ok}content-length: ${body.length}\r\n\r\n${body}`;
        const { ip, port, upstream } = await lead(saying(answer('mine') + answer('poison')));
        for (let i = 0; i < 5; i++) expect((await get(ip, port)).body).toBe('mine');
        expect(upstream.asked).toBe(5);
      });

      it.each<[string, string]>([
        ['a broken chunk', `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`],
        ['a chunk longer than it says', `${ok}transfer-encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`],
      ])('%s cuts the answer', async (_what, bytes) => {
        const { ip, port } = await lead(saying(bytes));
        await siege.counting(
          'chunk',
          () => expect(get(ip, port)).rejects.toThrow(/aborted|hang up|reset/),
          'dst',
        );
      });

      it.each<[string, Conduct]>([
        ['at once', (socket) => void socket.resetAndDestroy()],
        ['when they are asked', (socket) => socket.on('data', () => socket.resetAndDestroy())],
        ['in the middle of a head', (socket) => socket.on('data', () => socket.end('HTTP/1.1 200 O'))],
      ])('those that leave %s cost their own requests alone', async (_what, conduct) => {
        const { ip, port } = await lead(conduct);
        for (let i = 0; i < 5; i++) expect([502, 503, 504]).toContain((await get(ip, port)).status);
      });

      it('those that answer in tiny chunks to a client that does not read are held back', async () => {
        const before = siege.world.proxy.memory;
        const { ip, port } = await lead((socket) => {
          socket.once('data', () => {
            const chunks = Buffer.from('1\r\nx\r\n'.repeat(10_000));
            const more = () => {
              while (socket.writable && socket.write(chunks));
            };
            socket.write(`${ok}transfer-encoding: chunked\r\n\r\n`);
            socket.on('drain', more);
            more();
          });
        });
        const idle = await Promise.all(
          Array.from({ length: 10 }, () => siege.attackAt(ip, port, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n')),
        );
        for (const { socket } of idle) socket.pause();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        // What is under way is collected late; all that they send in a second would be many times as much.
        expect(siege.world.proxy.memory - before).toBeLessThan(100);
      });

      it.each<[string, string, () => Buffer]>([
        ['PING', 'control_flood', () => many(20_000, () => pingFrame())],
        ['SETTINGS', 'control_flood', () => many(20_000, () => settingsFrame())],
        [
          'empty DATA',
          'empty_data_flood',
          () => Buffer.concat([answerHead(1), many(5000, () => dataFrame(1, ''))]),
        ],
        [
          'CONTINUATION',
          'continuation_flood',
          () =>
            Buffer.concat([
              frame(FrameType.Headers, 0, 1, literalBlock([':status', '200'])),
              many(1000, () => frame(FrameType.Continuation, 0, 1)),
            ]),
        ],
        [
          'an HPACK bomb',
          'header_list_too_large',
          () =>
            frame(
              FrameType.Headers,
              Flag.EndHeaders,
              1,
              Buffer.concat([
                literalBlock([':status', '200']),
                Buffer.from([0x40, 0x01, 0x61, 0x7f, 0xa1, 0x1e]),
                Buffer.alloc(4000, 'v'),
                Buffer.alloc(8000, 0xbe),
              ]),
            ),
        ],
        ['a window overflow', 'flow_control', () => windowUpdateFrame(0, 0x7fff_ffff)],
        [
          'more DATA than the window takes',
          'flow_control',
          () => Buffer.concat([answerHead(1), many(200, () => dataFrame(1, 'x'.repeat(16_000)))]),
        ],
        ['a push', 'protocol', () => frame(FrameType.PushPromise, Flag.EndHeaders, 1, Buffer.alloc(8))],
        ['an answer to a request that was not made', 'protocol', () => answerHead(7)],
        ['a line end in a value', 'malformed_message', () => answerHead(1, 'x', 'y\r\nset-cookie: z')],
        [
          'more than it announced',
          'malformed_message',
          () => Buffer.concat([answerHead(1, 'content-length', '1'), dataFrame(1, 'smuggled')]),
        ],
        [
          'informational answers without end',
          'too_many_informational',
          () =>
            many(5000, () => frame(FrameType.Headers, Flag.EndHeaders, 1, literalBlock([':status', '103']))),
        ],
      ])('%s over HTTP/2 ends the connection or the stream', async (_what, offence, bytes) => {
        const { ip, port } = await lead(sayingHttp2(bytes));
        await siege.counting(
          offence,
          async () => {
            const { status, whole } = await ask(ip, port);
            expect(whole && status < 500).toBe(false);
          },
          'dst',
        );
      });

      it('GOAWAY followed by SETTINGS that forbid all streams costs the requests on that connection alone', async () => {
        const forbidden = settingsFrame([Setting.MaxConcurrentStreams, 0, Setting.InitialWindowSize, 0]);
        const { ip, port, upstream } = await lead(
          sayingHttp2(() => Buffer.concat([goawayFrame(0, 0), forbidden, goawayFrame(0, 0)])),
        );
        const answers = await Promise.all(Array.from({ length: 20 }, () => ask(ip, port)));
        expect(answers.every(({ status }) => status !== 200)).toBe(true);
        expect(upstream.asked).toBeGreaterThan(0);
      });

      it('those that reset every stream cost their own requests alone', async () => {
        const { ip, port } = await lead(sayingHttp2(() => resetFrame(1, 2)));
        expect(await ask(ip, port)).not.toMatchObject({ status: 200 });
      });
    });

    it('leave nothing behind', () => siege.expectNothingLeft());
  });
}
