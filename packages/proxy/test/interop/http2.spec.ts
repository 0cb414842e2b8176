import { once } from 'node:events';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../proxy-process.builder.ts';
import { hashOf, patterned } from './http1-service.builder.ts';
import { answerOf, Http2App, Http2Caller } from './http2-peer.builder.ts';
import { pairs } from './makes.builder.ts';
import { MeshPair, type Service, type Way, WEB } from './mesh-pair.builder.ts';

const ways: Way[] = ['HTTP/2', 'transport header'];
const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } =
  constants;
const MEGABYTE = 1024 * 1024;

/** With what the clients' streams were reset, as the application heard it. */
const resets: number[] = [];

/** An application with an answer of every kind. */
function everyKindOfAnswer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on('close', () => {
    if (stream.rstCode !== 0) resets.push(stream.rstCode);
  });
  switch (headers[':path']) {
    case '/headers':
      stream.respond({ ':status': 200 });
      stream.end(JSON.stringify(headers));
      return;
    case '/reset':
      stream.close(Number(headers['x-code']));
      return;
    case '/reset-later':
      stream.respond({ ':status': 200 });
      stream.write('some');
      setTimeout(() => stream.destroy(new Error('at fault')), 50);
      return;
    case '/wait':
      return;
    case '/early':
      stream.respond({ ':status': 413 });
      stream.end('too large');
      return;
    case '/big':
      stream.respond({ ':status': 200 });
      stream.end(patterned(8 * MEGABYTE));
      return;
    default:
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-after': 'all' }));
      stream.pipe(stream);
  }
}

describe.each(pairs)('HTTP/2 $title', (makes) => {
  let pair: MeshPair;
  let app: Http2App;

  beforeAll(async () => {
    pair = await MeshPair.start(makes);
    app = await Http2App.start(pair.server.pod.hostIp, everyKindOfAnswer);
  });
  afterAll(async () => {
    app.close();
    await pair.stop();
  });

  describe.each(ways)('over %s', (way) => {
    let service: Service;
    let caller: Http2Caller;

    beforeAll(() => {
      service = pair.serve(app.port, way);
    });
    beforeEach(async () => {
      resets.length = 0;
      caller = await Http2Caller.open(service.ip, service.port);
    });
    afterEach(() => caller.close());

    it('asks as the client asked, and names it', async () => {
      const answer = await caller.ask({ ':path': '/headers', 'x-own': 'a, b', cookie: ['a=1', 'b=2'] });
      const headers = JSON.parse(answer.body.toString());
      expect(headers).toMatchObject({
        ':method': 'GET',
        ':path': '/headers',
        ':authority': 'orders',
        'x-own': 'a, b',
        cookie: 'a=1; b=2',
        'l5d-client-id': WEB,
      });
      expect(headers).not.toHaveProperty('l5d-orig-proto');
    });

    it('carries a body, its echo, and trailers', async () => {
      const body = patterned(300_000);
      const answer = await caller.ask({ ':path': '/echo', ':method': 'POST' }, body);
      expect([answer.status, hashOf(answer.body)]).toEqual([200, hashOf(body)]);
      expect(answer.trailers['x-after']).toBe('all');
    });

    it('carries the trailers of a request', async () => {
      const stream = caller.session.request(
        { ':path': '/echo', ':method': 'POST', ':authority': 'orders' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': '42' }));
      stream.end('body');
      expect((await answerOf(stream)).body.toString()).toBe('body');
    });

    it('serves a hundred streams of one connection at a time', async () => {
      const bodies = Array.from({ length: 100 }, (_, i) => patterned(1000 + 100 * i));
      const answers = await Promise.all(
        bodies.map((body) => caller.ask({ ':path': '/echo', ':method': 'POST' }, body)),
      );
      expect(answers.map(({ body }) => hashOf(body))).toEqual(bodies.map(hashOf));
    });

    it('tells the application that a client gave up', async () => {
      const stream = caller.open({ ':path': '/wait' }, true);
      await after(100);
      stream.close(NGHTTP2_CANCEL);
      await eventually('it is told', () => resets.length === 1);
      expect(resets).toEqual([NGHTTP2_CANCEL]);
    });

    it.each([
      ['/reset', NGHTTP2_REFUSED_STREAM],
      ['/reset', NGHTTP2_ENHANCE_YOUR_CALM],
      ['/reset-later', NGHTTP2_INTERNAL_ERROR],
    ])('tells the client that the application gave up: %s with %i', async (path, code) => {
      const stream = caller.open({ ':path': path, 'x-code': String(code) }, true);
      stream.resume();
      await new Promise((resolve) => stream.once('close', resolve));
      expect(stream.rstCode).toBe(code);
    });

    it('gives an answer that comes before the body is sent', async () => {
      const stream = caller.open({ ':path': '/early', ':method': 'POST' });
      stream.write('the first bytes');
      const answer = await answerOf(stream);
      expect([answer.status, answer.body.toString()]).toEqual([413, 'too large']);
    });

    it('goes on with others while one does not read', async () => {
      const slow = caller.open({ ':path': '/big' }, true);
      await once(slow, 'response');
      slow.pause();
      const body = patterned(200_000);
      const other = await caller.ask({ ':path': '/echo', ':method': 'POST' }, body);
      expect(hashOf(other.body)).toBe(hashOf(body));
      const rest = await slow.toArray();
      expect(hashOf(Buffer.concat(rest as Buffer[]))).toBe(hashOf(patterned(8 * MEGABYTE)));
    });
  });
});
