import { Agent, request as ask, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../proxy-process.builder.ts';
import { weft } from '../proxy-program.builder.ts';
import { type GetOptions, get, HttpServer, RawClient } from '../traffic.builder.ts';
import { everyKindOfAnswer, hashOf, patterned, type Seen } from './http1-service.builder.ts';
import { pairs } from './makes.builder.ts';
import { MeshPair, type Service, type Way, WEB } from './mesh-pair.builder.ts';

const ways: Way[] = ['TLS', 'HTTP/2', 'transport header'];
const MEGABYTE = 1024 * 1024;

describe.each(pairs)('HTTP/1 $title', (makes) => {
  let pair: MeshPair;
  let app: HttpServer;

  beforeAll(async () => {
    pair = await MeshPair.start(makes);
    app = await HttpServer.start(pair.server.pod.hostIp);
    app.answer = everyKindOfAnswer;
  });
  afterAll(async () => {
    app.close();
    await pair.stop();
  });

  describe.each(ways)('over %s', (way) => {
    let service: Service;
    const to = (path: string, options: GetOptions = {}) =>
      get(service.ip, service.port, { path, headers: { host: 'orders' }, ...options });
    const seenOf = async (path: string, options: GetOptions = {}) =>
      JSON.parse((await to(path, options)).body) as Seen;

    beforeAll(() => {
      service = pair.serve(app.port, way);
    });

    it('asks as the client asked, and names it', async () => {
      const seen = await seenOf('/a/b?c=d%20e', { headers: { host: 'orders', 'x-own': 'a, b' } });
      expect(seen).toMatchObject({ method: 'GET', url: '/a/b?c=d%20e', version: '1.1', bodyBytes: 0 });
      expect(seen.headers).toEqual({ host: 'orders', 'x-own': 'a, b', 'l5d-client-id': WEB });
    });

    it('answers as the server answered', async () => {
      const { status, headers } = await to('/cookies');
      expect(status).toBe(200);
      expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
      expect(Object.keys(headers).filter((name) => name.startsWith('l5d-'))).toEqual([]);
    });

    it('carries a body that is announced by its length', async () => {
      const body = patterned(100_000);
      const seen = await seenOf('/', { method: 'POST', body });
      expect(seen).toMatchObject({ method: 'POST', bodyBytes: body.length, bodyHash: hashOf(body) });
      expect(seen.headers).toMatchObject({ 'content-length': '100000' });
    });

    it('carries a body in chunks', async () => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const { ip: host, port } = service;
      const asking = ask({ host, port, method: 'PUT', agent: false }, resolve).on('error', reject);
      for (const part of ['one,', 'two,', 'three']) {
        asking.write(part);
        await new Promise((resume) => setTimeout(resume, 20));
      }
      asking.end();
      const seen = JSON.parse((await (await promise).toArray()).join('')) as Seen;
      expect(seen).toMatchObject({ method: 'PUT', bodyHash: hashOf('one,two,three') });
    });

    it('answers in chunks', async () => {
      const { body, headers } = await to('/chunked');
      expect([body, headers['transfer-encoding']]).toEqual(['one,two,three', 'chunked']);
    });

    it('gives an answer that ends with its connection in full', async () => {
      expect(await to('/until-close')).toMatchObject({ status: 200, body: 'until the end' });
    });

    it('answers HEAD without a body, and goes on with the connection', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const head = await to('/big?bytes=1000', { method: 'HEAD', agent });
      expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '1000' } });
      expect((await to('/big?bytes=10', { agent })).body).toHaveLength(10);
      agent.destroy();
    });

    it.each(['/not-modified', '/no-content'])('answers %s, and goes on with the connection', async (path) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { status, body, headers } = await to(path, { agent });
      expect([status, body]).toEqual(path === '/not-modified' ? [304, ''] : [204, '']);
      if (status === 304) expect(headers.etag).toBe('"v1"');
      expect((await to('/chunked', { agent })).body).toBe('one,two,three');
      agent.destroy();
    });

    it('answers many requests on one connection', async () => {
      const client = await RawClient.open(service.ip, service.port);
      for (let i = 0; i < 5; i++) {
        client.send('GET /big?bytes=8 HTTP/1.1\r\nhost: orders\r\n\r\n');
        await eventually('an answer', () => client.text.split('HTTP/1.1 200').length === i + 2);
      }
      expect(client.closed).toBe(false);
      client.socket.destroy();
    });

    it('serves a client of HTTP/1.0', async () => {
      const client = await RawClient.open(service.ip, service.port);
      client.send('GET /chunked HTTP/1.0\r\nhost: orders\r\n\r\n');
      await eventually('it is over', () => client.closed);
      expect(client.text).toMatch(/^HTTP\/1\.[01] 200 OK\r\n[\s\S]*\r\n\r\none,two,three$/);
    });

    it('carries big bodies whole in both directions', async () => {
      const body = patterned(8 * MEGABYTE);
      const sent = await seenOf('/', { method: 'POST', body });
      expect(sent).toMatchObject({ bodyBytes: body.length, bodyHash: hashOf(body) });
      const answer = await to(`/big?bytes=${body.length}`);
      expect(hashOf(Buffer.from(answer.body, 'latin1'))).toBe(hashOf(body));
    });

    it('passes a fault of the application', async () => {
      expect(await to('/fault')).toMatchObject({
        status: 500,
        body: 'at fault',
        headers: { 'x-fault': 'mine' },
      });
    });

    it('says that the application hung up', async () => {
      // Linkerd takes it for a mistake of its own.
      expect((await to('/hang-up')).status).toBe(makes.server === weft ? 502 : 500);
    });

    it('does not pass a broken answer as a whole one', async () => {
      await expect(to('/break-off')).rejects.toThrow();
    });
  });

  it('is counted with who spoke to whom', async () => {
    const { client, server } = pair;
    const clientId = `client_id="${WEB}"`;
    expect(await server.proxy.metric('request_total', 'direction="inbound"', 'tls="true"', clientId)).toBe(
      await server.proxy.metric('request_total', 'direction="inbound"', `target_port="${app.port}"`),
    );
    const serverId = 'server_id="orders.shop.serviceaccount.identity.linkerd.cluster.local"';
    const outbound = await client.proxy.metric(
      'request_total',
      'direction="outbound"',
      'tls="true"',
      serverId,
    );
    expect(outbound).toBe(await client.proxy.metric('request_total', 'direction="outbound"'));
    expect(outbound).toBe(
      await server.proxy.metric('request_total', 'direction="inbound"', `target_port="${app.port}"`),
    );
    expect(outbound).toBeGreaterThan(0);
  });
});
