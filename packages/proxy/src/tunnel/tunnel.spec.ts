import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { type SocketPair, socketPair } from '../transport/socket-pair.builder.ts';
import { type TunnelOptions, tunnel } from './tunnel.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a tunnel', () => {
  let near: SocketPair;
  let far: SocketPair;
  afterEach(() => {
    near.close();
    far.close();
  });

  /** client ── near ── tunnel ── far ── server */
  const dig = async (options: TunnelOptions & { highWaterMark?: number } = {}) => {
    near = await socketPair(options);
    far = await socketPair(options);
    const client = new RecordingHandler();
    const server = new RecordingHandler();
    const summary = tunnel(near.server, far.client, options);
    const listen = () => {
      near.client.handler = client;
      far.server.handler = server;
    };
    return { client, server, summary, listen };
  };

  it('carries bytes both ways, ends with both sides, and counts', async () => {
    const { client, server, summary, listen } = await dig({
      initial: Buffer.from('in'),
      initialBack: Buffer.from('back'),
    });
    listen();
    near.client.write(Buffer.from('itial'));
    near.client.end();
    await server.when((heard) => heard.ended);
    expect(server.text).toBe('initial');
    expect(client.ended).toBe(false);
    far.server.write(Buffer.from(' again'));
    far.server.end();
    await client.when((heard) => heard.closes === 1);
    expect(client.text).toBe('back again');
    await expect(summary).resolves.toEqual({ toServer: 7, toClient: 10, error: null });
  });

  it('carries every byte in its place, whatever becomes of the memory it was read into', async () => {
    const { client, server, listen } = await dig({ highWaterMark: 64 * 1024 });
    const up = randomBytes(8 * 1024 * 1024);
    const down = randomBytes(8 * 1024 * 1024);
    listen();
    // Of all sizes, from each of the kinds of memory that is read into.
    for (let at = 0, size = 1; at < up.length; at += size, size = (size * 7) % 150_001) {
      near.client.write(up.subarray(at, at + size));
      far.server.write(down.subarray(at, at + size));
      if (size % 5 === 0) await nextTurn();
      if (size % 11 === 0) far.server.pause();
      else far.server.resume();
    }
    near.client.end();
    far.server.end();
    far.server.resume();
    await Promise.all([server.when((heard) => heard.ended), client.when((heard) => heard.ended)]);
    expect(Buffer.concat(server.chunks).equals(up)).toBe(true);
    expect(Buffer.concat(client.chunks).equals(down)).toBe(true);
  });

  it('holds a fast reader back and loses nothing', async () => {
    const { server, summary, listen } = await dig({ highWaterMark: 64 * 1024 });
    const block = Buffer.alloc(1024 * 1024, 'b');
    for (let count = 0; count < 48; count++) near.client.write(block);
    near.client.end();
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    // Nobody reads at the far end: what the kernel does not take stays with the writer, not in the tunnel.
    expect(far.client.writableLength).toBeLessThan(1024 * 1024);
    expect(near.client.writableLength).toBeGreaterThan(0);
    listen();
    await server.when((heard) => heard.ended);
    expect(server.bytes).toBe(48 * block.length);
    far.server.end();
    await expect(summary).resolves.toMatchObject({ toServer: 48 * block.length, error: null });
  });

  it('breaks on both sides when it breaks on one, and says why', async () => {
    const { server, summary, listen } = await dig();
    listen();
    near.server.destroy(new Error('client is gone'));
    await server.when((heard) => heard.closes === 1 || heard.ended);
    await expect(summary).resolves.toMatchObject({ error: { message: 'client is gone' } });
    expect(far.client.closed).toBe(true);
  });

  it('ends at once over a connection that has closed before', async () => {
    near = await socketPair();
    far = await socketPair();
    const first = new RecordingHandler();
    near.server.handler = first;
    near.server.destroy();
    await first.when((heard) => heard.closes === 1);
    await expect(tunnel(near.server, far.client)).resolves.toMatchObject({ toServer: 0, error: null });
    expect(far.client.closed).toBe(true);
  });

  it('can be cut', async () => {
    const cut = new AbortController();
    const { client, server, summary, listen } = await dig({ signal: cut.signal });
    listen();
    cut.abort(new Error('no longer authorized'));
    await Promise.all([client.when((heard) => heard.ended), server.when((heard) => heard.ended)]);
    await expect(summary).resolves.toMatchObject({ error: { message: 'no longer authorized' } });
  });
});
