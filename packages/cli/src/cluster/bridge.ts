import { type AddressInfo, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Cluster, PodAddress } from './cluster.ts';

/** A port on this machine's loopback that leads to a port of a pod. */
export interface Bridge {
  /** `host:port` */
  readonly address: string;
  close(): void;
}

/** Opens a way to a pod for clients that can only connect to an address. */
export async function openBridge(cluster: Cluster, pod: PodAddress, port: number): Promise<Bridge> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    cluster.forward(pod, port).then(
      (connection) => {
        // Each side's end is the other's; whoever uses the bridge sees the connection break.
        pipeline(socket, connection, () => {});
        pipeline(connection, socket, () => {});
      },
      (error: Error) => socket.destroy(error),
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
