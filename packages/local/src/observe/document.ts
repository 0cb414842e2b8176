import type { MeshEvent } from '../mesh/event-log.ts';
import type { CertificateReport } from './certificates.ts';
import type { Denial } from './denials.ts';
import type { EdgeKey, Protocol } from './edge.ts';
import { quantile } from './histogram.ts';
import type { LedgerEntry } from './traffic-ledger.ts';

/** One edge as `--json` prints it. */
export interface EdgeReport extends EdgeKey {
  readonly protocol: Protocol;
  /** Requests that were answered; connections where no request can be seen. */
  readonly requests: number;
  /** From 0 to 1; null where nobody can tell. */
  readonly successRate: number | null;
  /** Milliseconds, null where nobody measures. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** What `weft local run --json` prints. */
export interface MeshDocument {
  readonly edges: readonly EdgeReport[];
  readonly certificates: readonly CertificateReport[];
  readonly denied: readonly Denial[];
  readonly events: readonly MeshEvent[];
}

export function edgeReport({ key, protocol, counts }: LedgerEntry): EdgeReport {
  const { successes, failures, connections, latency } = counts;
  const answered = successes + failures;
  const isHttp = protocol !== 'TCP';
  return {
    ...key,
    protocol,
    requests: isHttp ? Math.max(answered, counts.requests) : connections,
    successRate: answered === 0 ? null : successes / answered,
    p50Ms: rounded(quantile(latency, 0.5)),
    p95Ms: rounded(quantile(latency, 0.95)),
    p99Ms: rounded(quantile(latency, 0.99)),
  };
}

/** By client, then server, then port. */
export function sortedEdges(edges: readonly EdgeReport[]): readonly EdgeReport[] {
  const order = ({ from, to, port }: EdgeReport) => `${from} ${to} ${String(port).padStart(5, '0')}`;
  return [...edges].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
