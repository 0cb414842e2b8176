import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../proxy-process.builder.ts';
import { RawClient } from '../traffic.builder.ts';
import { hashOf, patterned } from './http1-service.builder.ts';
import { pairs } from './makes.builder.ts';
import { MeshPair, type Way, WEB } from './mesh-pair.builder.ts';

const ways: Way[] = ['TLS', 'HTTP/2', 'transport header'];

/** What a key is answered with (RFC 6455, 4.2.2). */
const acceptOf = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const handshake = (headers: string) =>
  `GET /chat HTTP/1.1\r\nhost: orders\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n${headers}\r\n`;

describe.each(pairs)('upgrades $title', (makes) => {
  let pair: MeshPair;
  let asked: IncomingMessage[] = [];
  const app = createServer((_request, response) => void response.end('plain'));

  beforeAll(async () => {
    pair = await MeshPair.start(makes);
    app.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      asked.push(request);
      socket.on('error', () => {});
      if (request.headers['x-refuse'] !== undefined) {
        socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 2\r\n\r\nno');
        return;
      }
      const accept = acceptOf(String(request.headers['sec-websocket-key']));
      // The first frame comes with the answer itself.
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\nhello`,
      );
      socket.pipe(socket);
    });
    app.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked.push(request);
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(socket);
    });
    app.listen(0, pair.server.pod.hostIp);
    await once(app, 'listening');
  });
  afterAll(async () => {
    app.closeAllConnections();
    app.close();
    app.removeAllListeners();
    await pair.stop();
  });

  describe.each(ways)('over %s', (way) => {
    const open = async () => {
      asked = [];
      const { ip, port } = pair.serve((app.address() as AddressInfo).port, way);
      return RawClient.open(ip, port);
    };

    it('join both sides for as long as both want', async () => {
      const client = await open();
      client.send(handshake(`sec-websocket-key: ${KEY}\r\n`));
      await eventually('the first frame', () => client.text.endsWith('hello'));
      expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
      expect(client.text.toLowerCase()).toContain('\r\nupgrade: websocket\r\n');
      expect(client.text).toContain(acceptOf(KEY));
      expect(asked[0].headers).toMatchObject({ upgrade: 'websocket', 'l5d-client-id': WEB });
      const before = client.text.length;
      const frames = patterned(1_000_000);
      client.send(frames);
      await eventually('the echo', () => client.text.length === before + frames.length);
      expect(hashOf(Buffer.from(client.text.slice(before), 'latin1'))).toBe(hashOf(frames));
      client.socket.end();
      await eventually('it is over', () => client.closed);
    });

    it('may be refused, and the answer is one as any other', async () => {
      const client = await open();
      client.send(handshake('x-refuse: 1\r\n'));
      await eventually('an answer', () => client.text.endsWith('no'));
      expect(client.text).toMatch(/^HTTP\/1\.1 426 /);
      client.socket.destroy();
    });

    it('leave other requests as they are', async () => {
      const client = await open();
      client.send('GET / HTTP/1.1\r\nhost: orders\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n');
      await eventually('an answer', () => client.text.includes('plain'));
      expect([client.text.slice(0, 12), asked.length]).toEqual(['HTTP/1.1 200', 0]);
      client.socket.destroy();
    });

    it('include CONNECT', async () => {
      const client = await open();
      client.send('CONNECT mail.example:25 HTTP/1.1\r\nhost: mail.example:25\r\n\r\n');
      await eventually('an answer', () => client.text.includes('\r\n\r\n'));
      expect(client.text).toMatch(/^HTTP\/1\.1 200 /);
      const before = client.text.length;
      client.send('EHLO');
      await eventually('the echo', () => client.text.slice(before) === 'EHLO');
      client.socket.destroy();
    });
  });
});
