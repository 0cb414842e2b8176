import { BOTH_UNMESHED, CLIENT_UNMESHED, type EdgeKey, PORT_SKIPPED } from './edge.ts';
import type { Socket } from './sockets.ts';
import type { UnseenClient } from './traffic-ledger.ts';
import { type AddressBook, listsPort, type ObservedPod } from './workloads.ts';

/** A new connection that no proxy of its client carries. */
interface UnseenConnection {
  readonly client: ObservedPod;
  readonly server: ObservedPod;
  readonly port: number;
  readonly reason: string;
}

const PROXY_UID = 2102;

/**
 * Clients outside the mesh and skipped ports have no proxy that counts. Their connections are found in the kernel's
 * list of sockets, which also tells whose the unencrypted requests are that a server's proxy counts.
 */
export class UnseenClients {
  readonly #clients = new Map<string, Map<string, string>>();
  #known = new Set<string>();
  #next = new Set<string>();

  /** Takes the sockets of one pod; answers with the edges to count that no server's proxy will count either. */
  add(client: ObservedPod, sockets: readonly Socket[], book: AddressBook): readonly EdgeKey[] {
    const edges: EdgeKey[] = [];
    for (const socket of sockets) {
      const found = connectionOf(client, socket, book);
      if (found === undefined) continue;
      const id = `${client.ip}:${socket.localPort} ${socket.remoteIp}:${socket.remotePort}`;
      this.#next.add(id);
      if (this.#known.has(id)) continue;
      if (seesInbound(found)) this.#note(found);
      else edges.push(edgeOf(found));
    }
    return edges;
  }

  /** Ends one reading of all pods: connections that were not in it are forgotten. */
  endOfReading(): void {
    this.#known = this.#next;
    this.#next = new Set();
  }

  /** Whose unencrypted traffic a server's port has; several clients share one line. */
  clientOf(server: ObservedPod, port: number): UnseenClient | undefined {
    const clients = this.#clients.get(`${server.workload}:${port}`);
    if (clients === undefined) return undefined;
    const reasons = new Set(clients.values());
    return { from: [...clients.keys()].sort().join(', '), reason: [...reasons].sort().join('; ') };
  }

  #note({ client, server, port, reason }: UnseenConnection): void {
    const key = `${server.workload}:${port}`;
    const clients = this.#clients.get(key) ?? new Map<string, string>();
    this.#clients.set(key, clients.set(client.workload, reason));
  }
}

function connectionOf(client: ObservedPod, socket: Socket, book: AddressBook): UnseenConnection | undefined {
  const skipped = listsPort(client.skippedOutbound, socket.remotePort);
  if (client.meshed && (!skipped || socket.uid === PROXY_UID)) return undefined;
  const direct = book.podByIp(socket.remoteIp);
  const target = direct
    ? { pod: direct, port: socket.remotePort }
    : book.behindClusterIp(socket.remoteIp, socket.remotePort);
  if (target === undefined) return undefined;
  const { pod: server, port } = target;
  const reason = client.meshed ? PORT_SKIPPED : server.meshed ? CLIENT_UNMESHED : BOTH_UNMESHED;
  return { client, server, port, reason };
}

const seesInbound = ({ server, port }: UnseenConnection) =>
  server.meshed && !listsPort(server.skippedInbound, port);

const edgeOf = ({ client, server, port, reason }: UnseenConnection): EdgeKey => ({
  from: client.workload,
  to: server.workload,
  port,
  tls: false,
  reason,
  clientIdentity: '',
  serverIdentity: '',
});
