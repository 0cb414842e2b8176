import type { Socket } from 'node:net';
import { connectTcp } from './connect-tcp.ts';
import { takeHandle } from './handles.ts';
import { type Listener, listenTcp } from './listener.ts';
import { RecordingLogger } from './recording-logger.builder.ts';
import { SocketConnection, type SocketConnectionOptions } from './socket-connection.ts';
import { TcpEnds } from './tcp-ends.ts';

/** Two ends of one TCP connection over loopback. */
export interface SocketPair {
  readonly client: SocketConnection;
  readonly server: SocketConnection;
  close(): void;
}

/** A listener on a free port of 127.0.0.1. */
export function listenLoopback(options: SocketConnectionOptions = {}): Promise<Listener> {
  return listenTcp({ ip: '127.0.0.1', port: 0 }, { name: 'test', log: new RecordingLogger(), ...options });
}

/** Takes a socket over that has not been read from. */
export function connectionOver(socket: Socket): SocketConnection {
  const handle = takeHandle(socket);
  return new SocketConnection(handle, new TcpEnds(handle));
}

export async function socketPair(options: SocketConnectionOptions = {}): Promise<SocketPair> {
  const listener = await listenLoopback(options);
  const accepted = new Promise<SocketConnection>((resolve) => listener.accept(resolve));
  const client = await connectTcp(listener.address, { timeoutMs: 1000, ...options })(
    new AbortController().signal,
  );
  const server = await accepted;
  listener.close();
  return {
    client,
    server,
    close() {
      client.destroy();
      server.destroy();
    },
  };
}
