import { type AddressInfo, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Cluster, PodAddress } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';

/** A port on this machine's loopback that leads to a port of a pod. */
export interface Bridge {
  /** `host:port` */
  readonly address: string;
  /** Why the last connection broke on the far side; those on this side see only that it did. */
  readonly problem: Error | undefined;
  close(): void;
}

/** Opens a way to a pod for clients that can only connect to an address. */
export async function openBridge(cluster: Cluster, pod: PodAddress, port: number): Promise<Bridge> {
  const sockets = new Set<Socket>();
  let problem: Error | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    cluster.forward(pod, port).then(
      (connection) => {
        connection.on('error', (error) => {
          // Whoever leaves early on this side is no problem of the far side.
          if (error instanceof ClusterError) problem = error;
        });
        // Each side's end is the other's; whoever uses the bridge sees the connection break.
        pipeline(socket, connection, () => {});
        pipeline(connection, socket, () => {});
      },
      (error: Error) => {
        problem = error;
        socket.destroy();
      },
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get problem() {
      return problem;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
