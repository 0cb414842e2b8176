import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Listener, listenTcp } from './listener.ts';
import { RecordingHandler } from './recording-handler.builder.ts';
import { RecordingLogger } from './recording-logger.builder.ts';
import type { SocketConnection } from './socket-connection.ts';

describe('a listener', () => {
  const open: { destroy(): void }[] = [];
  let listener: Listener;
  afterEach(() => {
    listener.close();
    for (const one of open.splice(0)) one.destroy();
  });

  const listen = async (log = new RecordingLogger(), maxConnections?: number) => {
    listener = await listenTcp({ ip: '127.0.0.1', port: 0 }, { name: 'inbound', log, maxConnections });
    return listener;
  };
  const dial = () => {
    const socket = connect({ host: '127.0.0.1', port: listener.address.port, allowHalfOpen: true });
    socket.on('error', () => {});
    open.push(socket);
    return socket;
  };

  it('keeps connections that come before it starts', async () => {
    await listen();
    const client = dial();
    await new Promise<void>((resolve) => client.write('early', () => resolve()));
    const accepted = new Promise<SocketConnection>((resolve) => listener.accept(resolve));
    const connection = await accepted;
    open.push(connection);
    const owner = new RecordingHandler();
    connection.handler = owner;
    await owner.when((heard) => heard.text === 'early');
    expect(connection.peer).toEqual({ ip: '127.0.0.1', port: client.localPort });
    expect(connection.local).toEqual(listener.address);
  });

  it('names the address that it cannot bind', async () => {
    await listen();
    const { address } = listener;
    const second = listenTcp(address, { name: 'admin', log: new RecordingLogger() });
    await expect(second).rejects.toMatchObject({
      code: 'bind-failed',
      address,
      cause: { code: 'EADDRINUSE' },
    });
    await expect(second).rejects.toThrow(`cannot listen for admin connections on 127.0.0.1:${address.port}`);
  });

  it('closes connections that were not redirected to it, and says so', async () => {
    const log = new RecordingLogger();
    await listen(log);
    const handedOut = new Promise<unknown>((resolve) =>
      listener.acceptRedirected((connection, target) => {
        open.push(connection);
        resolve(target);
      }),
    );
    const client = dial();
    client.resume();
    const closed = new Promise<'closed'>((resolve) => client.once('end', () => resolve('closed')));
    const outcome = await Promise.race([closed, handedOut]);
    if (outcome === 'closed')
      expect(log.lines).toMatchObject([{ level: 'warn', message: 'Connection refused' }]);
    // Where connection tracking runs, the kernel gives the listener's own address.
    else expect(outcome).toEqual(listener.address);
  });

  it('turns away what is above its limit', async () => {
    const log = new RecordingLogger();
    await listen(log, 1);
    const accepted: SocketConnection[] = [];
    listener.accept((connection) => accepted.push(connection) && open.push(connection));
    const first = dial();
    await new Promise((resolve) => first.once('connect', resolve));
    const second = dial();
    second.resume();
    await new Promise((resolve) => second.once('end', resolve));
    expect(accepted).toHaveLength(1);
    expect(log.lines).toMatchObject([{ fields: { reason: 'too many connections' } }]);
  });
});
