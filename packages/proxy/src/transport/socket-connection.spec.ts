import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RecordingHandler } from './recording-handler.builder.ts';
import type { SocketConnection } from './socket-connection.ts';
import { connectionOver, type SocketPair, socketPair } from './socket-pair.builder.ts';
import type { TransportObserver } from './transport-observer.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe('SocketConnection', () => {
  let pair: SocketPair;
  afterEach(() => pair.close());

  it('sends all writes of one turn as one write', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    for (const piece of ['a', 'b', 'c']) pair.client.write(Buffer.from(piece));
    expect(pair.client.writableLength).toBe(3);
    await owner.when((heard) => heard.bytes === 3);
    expect(owner.chunks.map(String)).toEqual(['abc']);
    expect(pair.client.writableLength).toBe(0);
  });

  it('keeps the order of short and long pieces', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    const pieces = [10, 20_000, 5, 5, 100_000, 1].map((size, index) => Buffer.alloc(size, String(index)));
    for (const piece of pieces) pair.client.write(piece);
    await owner.when((heard) => heard.bytes === 120_021);
    expect(Buffer.concat(owner.chunks).equals(Buffer.concat(pieces))).toBe(true);
  });

  it('keeps the order of any number of tiny pieces among long ones', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    const pieces = Array.from({ length: 5000 }, (_, i) =>
      Buffer.alloc(i % 700 === 0 ? 9000 : 1, String(i % 10)),
    );
    for (const piece of pieces) pair.client.write(piece);
    const whole = Buffer.concat(pieces);
    await owner.when((heard) => heard.bytes === whole.length);
    expect(Buffer.concat(owner.chunks).equals(whole)).toBe(true);
  });

  it('asks a writer to wait above the mark and tells it when there is room', async () => {
    pair = await socketPair({ highWaterMark: 64 * 1024 });
    const sender = new RecordingHandler();
    pair.client.handler = sender;
    const block = Buffer.alloc(1024 * 1024);
    const blocks = 32; // more than the kernel takes while nobody reads
    for (let count = 0; count < blocks; count++) expect(pair.client.write(block)).toBe(false);
    await nextTurn();
    expect(sender.drains).toBe(0);
    expect(pair.client.writableLength).toBeGreaterThan(0);
    const reader = new RecordingHandler();
    pair.server.handler = reader;
    await sender.when((heard) => heard.drains === 1);
    await reader.when((heard) => heard.bytes === blocks * block.length);
    expect(pair.client.writableLength).toBe(0);
  });

  it('takes a turn for each read that costs much, so that others get theirs', async () => {
    pair = await socketPair();
    let turn = 0;
    let running = true;
    const count = () => {
      turn++;
      if (running) setImmediate(count);
    };
    const turns: number[] = [];
    const owner = new RecordingHandler();
    const costly = {
      onData(chunk: Buffer) {
        turns.push(turn);
        const until = performance.now() + 5;
        while (performance.now() < until);
        owner.onData(chunk);
      },
      onEnd: () => owner.onEnd(),
      onDrain() {},
      onClose() {},
    };
    pair.client.write(Buffer.alloc(1024 * 1024));
    pair.client.end();
    await nextTurn();
    count();
    pair.server.handler = costly;
    await owner.when((heard) => heard.ended);
    running = false;
    expect(owner.bytes).toBe(1024 * 1024);
    expect(turns.length).toBeGreaterThan(8);
    expect(new Set(turns).size).toBe(turns.length);
  });

  it('reads nothing while paused and loses nothing', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    pair.server.pause();
    pair.client.write(Buffer.from('later'));
    pair.client.end();
    await nextTurn();
    await nextTurn();
    expect(owner.events).toEqual([]);
    pair.server.resume();
    await owner.when((heard) => heard.ended);
    expect(owner.events).toEqual(['data', 'end']);
  });

  it.each([
    ['resumes', (connection: SocketConnection) => connection.resume(), ['data', 'end', 'close']],
    ['destroys', (connection: SocketConnection) => connection.destroy(), ['close']],
  ])(
    'what came last before the close waits for an owner that has paused and then %s',
    async (_what, then, heard) => {
      pair = await socketPair();
      const owner = new RecordingHandler();
      pair.server.handler = owner;
      pair.server.end();
      pair.server.pause();
      pair.client.write(Buffer.from('last words'));
      pair.client.end();
      pair.client.handler = new RecordingHandler();
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      expect(owner.events).toEqual([]);
      then(pair.server);
      await owner.when(({ closes }) => closes === 1);
      expect(owner.events).toEqual(heard);
    },
  );

  it('small pieces of many reads share memory', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    for (let read = 1; read <= 20; read++) {
      pair.client.write(Buffer.from('piece'));
      await owner.when(({ bytes }) => bytes === 5 * read);
    }
    expect(owner.text).toBe('piece'.repeat(20));
    expect(new Set(owner.chunks.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(2);
  });

  it('ends one direction and goes on in the other, then closes once', async () => {
    pair = await socketPair();
    const client = new RecordingHandler();
    const server = new RecordingHandler();
    pair.client.handler = client;
    pair.server.handler = server;
    pair.client.write(Buffer.from('question'));
    pair.client.end();
    await server.when((heard) => heard.ended);
    pair.server.write(Buffer.from('answer'));
    pair.server.end();
    await Promise.all([client.when((heard) => heard.closes > 0), server.when((heard) => heard.closes > 0)]);
    await nextTurn();
    expect(client.events).toEqual(['data', 'end', 'close']);
    expect(server.events).toEqual(['data', 'end', 'close']);
    expect([client.error, server.error, client.text]).toEqual([null, null, 'answer']);
  });

  it('reports why it closed, to the owner and to the observer', async () => {
    const { server, client, close } = await rawPair();
    pair = { server, client: server, close };
    const owner = new RecordingHandler();
    const observer = observing();
    server.observe(observer);
    server.handler = owner;
    client.resetAndDestroy();
    await owner.when((heard) => heard.closes === 1);
    expect(owner.error).toMatchObject({ code: 'ECONNRESET' });
    expect(observer.onClose.mock.calls).toEqual([['ECONNRESET']]);
  });

  it('reports the error it was destroyed with, and takes no more writes', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.client.handler = owner;
    pair.client.write(Buffer.from('dropped'));
    pair.client.destroy(new Error('given up'));
    pair.client.destroy(new Error('again'));
    expect(pair.client.closed).toBe(true);
    expect(pair.client.write(Buffer.from('x'))).toBe(false);
    expect(pair.client.writableLength).toBe(0);
    await owner.when((heard) => heard.closes === 1);
    await nextTurn();
    expect(owner.events).toEqual(['close']);
    expect(owner.error?.message).toBe('given up');
  });

  it('hands unread bytes, an end and a close to the next owner', async () => {
    pair = await socketPair();
    const first = new RecordingHandler();
    pair.server.handler = first;
    pair.client.write(Buffer.from('abc'));
    await first.when((heard) => heard.bytes === 3);
    pair.server.park(Buffer.from('bc'));
    pair.client.write(Buffer.from('def'));
    pair.client.end();
    await nextTurn();
    await nextTurn();
    expect(pair.server.bytesRead).toBe(1);
    const second = new RecordingHandler();
    pair.server.handler = second;
    expect(second.events).toEqual([]);
    await second.when((heard) => heard.ended);
    expect(second.text).toBe('bcdef');
    pair.server.end();
    await second.when((heard) => heard.closes === 1);
    const late = new RecordingHandler();
    pair.server.handler = late;
    await late.when((heard) => heard.closes === 1);
    expect(first.events).toEqual(['data']);
  });

  it('counts for an observer that comes late', async () => {
    pair = await socketPair();
    const owner = new RecordingHandler();
    pair.server.handler = owner;
    pair.client.write(Buffer.from('12345'));
    pair.server.write(Buffer.from('123'));
    await owner.when((heard) => heard.bytes === 5);
    const observer = observing();
    pair.server.observe(observer);
    pair.client.write(Buffer.from('67'));
    await owner.when((heard) => heard.bytes === 7);
    expect(observer.onRead.mock.calls).toEqual([[5], [2]]);
    expect(observer.onWrite.mock.calls).toEqual([[3]]);
  });
});

function observing() {
  return {
    onRead: jest.fn<TransportObserver['onRead']>(),
    onWrite: jest.fn<TransportObserver['onWrite']>(),
    onClose: jest.fn<TransportObserver['onClose']>(),
  };
}

/** A connection whose far end is a bare socket. */
async function rawPair(): Promise<{ server: SocketConnection; client: Socket; close(): void }> {
  const listener: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve));
  const client = connect((listener.address() as { port: number }).port, '127.0.0.1');
  client.on('error', () => {});
  const server = connectionOver(await accepted);
  listener.close();
  return {
    server,
    client,
    close() {
      client.destroy();
      server.destroy();
    },
  };
}
