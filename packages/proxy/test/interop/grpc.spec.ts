import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, ORDERS } from '../proxy-process.builder.ts';
import { Call, cancelled, lastMetadata, testService } from './grpc-peer.builder.ts';
import { Http2App, Http2Caller } from './http2-peer.builder.ts';
import { pairs } from './makes.builder.ts';
import { MeshPair, type Service, type Way, WEB } from './mesh-pair.builder.ts';

const ways: Way[] = ['HTTP/2', 'transport header'];
const CANCEL = 8;

describe.each(pairs)('gRPC $title', (makes) => {
  let pair: MeshPair;
  let app: Http2App;

  beforeAll(async () => {
    pair = await MeshPair.start(makes);
    app = await Http2App.start(pair.server.pod.hostIp, testService);
  });
  afterAll(async () => {
    app.close();
    await pair.stop();
  });

  describe.each(ways)('over %s', (way) => {
    let service: Service;
    let caller: Http2Caller;
    const call = (method: string, metadata?: Record<string, string>) => new Call(caller, method, metadata);

    beforeAll(() => {
      service = pair.serve(app.port, way);
    });
    beforeEach(async () => {
      cancelled.length = 0;
      caller = await Http2Caller.open(service.ip, service.port);
    });
    afterEach(() => caller.close());

    it('asks once and answers once', async () => {
      const done = await call('Unary').send('hello').end().finish();
      expect(done).toMatchObject({ code: '0', messages: ['re: hello'], trailers: { 'x-cost': '3' } });
    });

    it('passes metadata', async () => {
      const metadata = { 'x-tenant': 'shop', 'trace-bin': 'AAEC', 'grpc-timeout': '5S' };
      await call('Unary', metadata).send('hello').end().finish();
      expect(lastMetadata).toMatchObject({ ...metadata, te: 'trailers', 'l5d-client-id': WEB });
    });

    it('answers with a stream', async () => {
      const { code, messages } = await call('ServerStream').send('2000').end().finish();
      expect([code, messages]).toEqual(['0', Array.from({ length: 2000 }, (_, i) => String(i))]);
    });

    it('asks with a stream', async () => {
      const letters = [...'abcdefghijklmnopqrstuvwxyz'];
      const { code, messages } = await call('ClientStream')
        .send(...letters)
        .end()
        .finish();
      expect([code, messages]).toEqual(['0', [letters.join('+')]]);
    });

    it('talks in both directions, each message as it comes', async () => {
      const talk = call('Bidi');
      for (const message of ['one', 'two', 'three']) {
        talk.send(message);
        expect(await talk.next()).toBe(`re: ${message}`);
      }
      expect(await talk.end().finish()).toMatchObject({ code: '0', messages: [] });
    });

    it('has forty calls at a time', async () => {
      const calls = Array.from({ length: 40 }, (_, i) => call('Unary').send(`${i}`).end().finish());
      const answers = (await Promise.all(calls)).map(({ messages }) => messages[0]);
      expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => `re: ${i}`));
    });

    it.each([
      ['FailAtOnce', { code: '5', message: 'no such', messages: [] }],
      ['FailLate', { code: '13', message: 'half way', messages: ['one'] }],
    ])('passes errors: %s', async (method, expected) => {
      expect(await call(method).send('').end().finish()).toMatchObject(expected);
    });

    it('tells the application that a call was cancelled', async () => {
      const waiting = call('Forever').send('').end();
      expect(await waiting.next()).toBe('waiting');
      await waiting.cancel();
      await eventually('it is told', () => cancelled.length === 1);
      expect(cancelled).toEqual([CANCEL]);
    });

    it('ends a call at its deadline, as its client says', async () => {
      const late = call('Forever', { 'grpc-timeout': '100m' }).send('').end();
      await late.next();
      setTimeout(() => late.stream.close(CANCEL), 100);
      await eventually('it is told', () => cancelled.length === 1);
      expect(lastMetadata['grpc-timeout']).toBe('100m');
    });
  });

  it('is counted by its status', async () => {
    const { client, server } = pair;
    for (const code of ['0', '5', '13']) {
      const status = `grpc_status="${code}"`;
      const atClient = await client.proxy.metric('response_total', status, `server_id="${ORDERS}"`);
      const atServer = await server.proxy.metric('response_total', status, `client_id="${WEB}"`);
      expect(atClient).toBe(atServer);
      expect(atClient).toBeGreaterThan(0);
    }
  });
});
