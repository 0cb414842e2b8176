import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { handleOf } from '../transport/handles.ts';
import { type Listener, listenTcp } from '../transport/listener.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { ConnectionBalance, connectionBalanceMemory } from './connection-balance.ts';

/** A thread as the others know it, and what it hands over. */
class Thread {
  readonly balance: ConnectionBalance;
  readonly handed: { to: number; fd: number }[] = [];
  readonly connections: SocketConnection[] = [];
  readonly clients: Socket[] = [];
  listener!: Listener;

  constructor(memory: SharedArrayBuffer, self: number) {
    this.balance = new ConnectionBalance(
      memory,
      3,
      self,
      (to, _side, fd) => void this.handed.push({ to, fd }),
    );
  }

  async listen(): Promise<this> {
    const divert = this.balance.divert.bind(this.balance, 'inbound');
    const options = { name: 'inbound', log: new RecordingLogger(), divert };
    this.listener = await listenTcp({ ip: '127.0.0.1', port: 0 }, options);
    this.listener.accept((connection) => void this.connections.push(connection));
    return this;
  }

  /** A connection that is accepted here; resolves when it has been dealt with. */
  async dial(): Promise<Socket> {
    const settled = this.connections.length + this.handed.length;
    const client = connect(this.listener.address.port, '127.0.0.1').on('error', () => {});
    this.clients.push(client);
    while (this.connections.length + this.handed.length === settled)
      await new Promise((resolve) => setImmediate(resolve));
    return client;
  }

  adopt(fd: number): void {
    const handle = handleOf(fd);
    this.balance.adopted('inbound', handle);
    if (handle !== null) this.listener.adopt(handle);
  }

  close(): void {
    this.listener.close();
    for (const each of [...this.connections, ...this.clients]) each.destroy();
  }
}

let threads: Thread[];
let [a, b]: Thread[] = [];
beforeEach(async () => {
  const memory = connectionBalanceMemory(3);
  threads = await Promise.all([0, 1, 2].map((self) => new Thread(memory, self).listen()));
  [a, b] = threads;
});
afterEach(() => {
  for (const { fd, to } of threads.flatMap(({ handed }) => handed.splice(0))) threads[to]?.adopt(fd);
  for (const thread of threads) thread.close();
});
const counts = () => threads.map(({ balance }) => balance.count('inbound'));
const join = (...some: Thread[]) => {
  for (const { balance } of some) balance.join();
};

describe('connections', () => {
  it('stay where they are as long as no other thread takes any', async () => {
    join(a);
    for (let i = 0; i < 5; i++) await a.dial();
    expect([a.connections.length, a.balance.count('inbound')]).toEqual([5, 5]);
  });

  it('go to the thread that has fewest', async () => {
    join(...threads);
    for (let i = 0; i < 6; i++) await a.dial();
    expect(a.handed.map(({ to }) => to).sort()).toEqual([1, 1, 2, 2]);
    expect(counts()).toEqual([2, 2, 2]);
    expect(a.balance.count('outbound')).toBe(0);
  });

  it('are counted until they are closed, by whoever has them', async () => {
    join(a, b);
    await a.dial();
    await a.dial();
    b.adopt(a.handed.splice(0)[0]!.fd);
    expect(counts()).toEqual([1, 1, 0]);
    for (const each of [...a.connections, ...b.connections]) each.destroy();
    expect(counts()).toEqual([0, 0, 0]);
  });

  it('go on where they have been handed to', async () => {
    join(a, b);
    await a.dial();
    const client = await a.dial();
    client.write('hello');
    b.adopt(a.handed.splice(0)[0]!.fd);
    const owner = new RecordingHandler();
    const [connection] = b.connections;
    connection.handler = owner;
    await owner.when(({ text }) => text === 'hello');
    expect(connection.peer.port).toBe(client.localPort);
    connection.write(Buffer.from('there'));
    expect(String(await new Promise((resolve) => client.once('data', resolve)))).toBe('there');
  });

  it('do not go to a thread that has left', async () => {
    join(a, b);
    b.balance.leave();
    for (let i = 0; i < 3; i++) await a.dial();
    expect([a.connections.length, b.balance.count('inbound')]).toEqual([3, 0]);
  });

  it('that are none any more are not counted', async () => {
    join(a, b);
    await a.dial();
    await a.dial();
    const { fd } = a.handed.splice(0)[0]!;
    b.balance.adopted('inbound', handleOf(2 ** 30));
    expect(counts()).toEqual([1, 0, 0]);
    handleOf(fd)?.close();
  });
});
