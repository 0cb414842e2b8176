import { type EdgeCounts, type EdgeKey, noCounts, type Protocol, reasonText } from './edge.ts';
import type { Sample } from './prometheus-text.ts';
import { type AddressBook, destinationWorkload, type ObservedPod } from './workloads.ts';

/** An edge and what was counted on it. */
export interface LedgerEntry {
  readonly key: EdgeKey;
  readonly protocol: Protocol;
  readonly counts: EdgeCounts;
}

/** A client that counts nothing itself, and why its traffic is plain. */
export interface UnseenClient {
  readonly from: string;
  readonly reason: string;
}

interface Account {
  readonly key: EdgeKey;
  readonly protocols: Set<Protocol>;
  counts: {
    requests: number;
    successes: number;
    failures: number;
    connections: number;
    latency: Map<number, number>;
  };
}

/** The proxy's metrics that say who talks to whom. */
export const TRAFFIC_METRICS: ReadonlySet<string> = new Set([
  'request_total',
  'response_total',
  'response_latency_ms_bucket',
  'tcp_open_total',
]);

/** How exact a word for a protocol is; the most exact one seen stands. */
const EXACTNESS: readonly Protocol[] = ['TCP', 'HTTP', 'HTTP/2', 'HTTP/1.1', 'gRPC', 'WebSocket'];

/** More edges than this are not told apart: a mesh on one machine has fewer. */
const MAX_EDGES = 2000;

/** Adds up what proxies count, by edge; it outlives the pods that counted. */
export class TrafficLedger {
  readonly #accounts = new Map<string, Account>();

  get entries(): readonly LedgerEntry[] {
    return [...this.#accounts.values()].map(({ key, protocols, counts }) => ({
      key,
      protocol: EXACTNESS.findLast((protocol) => protocols.has(protocol)) ?? 'TCP',
      counts: { ...counts, latency: new Map(counts.latency) },
    }));
  }

  /** Adds what a client's proxy counted of its outbound traffic. */
  addOutbound(client: ObservedPod, increases: readonly Sample[], book: AddressBook): void {
    for (const sample of increases) {
      const { labels } = sample;
      if (labels.direction !== 'outbound' || (labels.peer !== undefined && labels.peer !== 'dst')) continue;
      const tls = labels.tls === 'true';
      this.#count(sample, {
        from: client.workload,
        to: destinationWorkload(labels, book),
        port: Number(labels.target_port ?? labels.target_addr?.split(':').pop() ?? 0),
        tls,
        reason: tls ? '' : reasonText(labels.no_tls_reason ?? labels.tls),
        clientIdentity: tls ? client.identity : '',
        serverIdentity: labels.server_id ?? '',
      });
    }
  }

  /** Adds what a server's proxy counted of clients without a proxy; those of the mesh count for themselves. */
  addUnmeshedInbound(
    server: ObservedPod,
    increases: readonly Sample[],
    clientOf: (server: ObservedPod, port: number) => UnseenClient | undefined,
  ): void {
    for (const sample of increases) {
      const { labels } = sample;
      if (labels.direction !== 'inbound' || (labels.peer !== undefined && labels.peer !== 'src')) continue;
      if (labels.no_tls_reason !== 'no_tls_from_remote' || labels.route_name === 'probe') continue;
      const port = Number(labels.target_port ?? labels.target_addr?.split(':').pop() ?? 0);
      const client = clientOf(server, port);
      if (client === undefined) continue; // Probes and scrapes of this machine itself.
      this.#count(sample, {
        ...client,
        to: server.workload,
        port,
        tls: false,
        clientIdentity: '',
        serverIdentity: '',
      });
    }
  }

  /** Adds connections that no proxy saw. */
  addConnections(key: EdgeKey, connections: number): void {
    const account = this.#account(key);
    if (account === undefined) return;
    account.protocols.add('TCP');
    account.counts.connections += connections;
  }

  #count({ name, labels, value }: Sample, key: EdgeKey): void {
    const account = this.#account(key);
    if (account === undefined) return;
    const { counts, protocols } = account;
    switch (name) {
      case 'request_total':
        counts.requests += value;
        protocols.add('HTTP');
        break;
      case 'response_total':
        counts[labels.classification === 'failure' ? 'failures' : 'successes'] += value;
        if (labels.grpc_status) protocols.add('gRPC');
        if (labels.status_code === '101') protocols.add('WebSocket');
        break;
      case 'response_latency_ms_bucket': {
        const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
        counts.latency.set(bound, (counts.latency.get(bound) ?? 0) + value);
        break;
      }
      case 'tcp_open_total':
        counts.connections += value;
        protocols.add('TCP');
        break;
    }
  }

  #account(key: EdgeKey): Account | undefined {
    const id = JSON.stringify([key.from, key.to, key.port, key.tls, key.reason, key.serverIdentity]);
    const known = this.#accounts.get(id);
    if (known !== undefined) return known;
    if (this.#accounts.size >= MAX_EDGES) return undefined;
    const account: Account = { key, protocols: new Set(), counts: { ...noCounts, latency: new Map() } };
    this.#accounts.set(id, account);
    return account;
  }
}
