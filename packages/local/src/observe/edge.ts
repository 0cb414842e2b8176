/** Who talks to whom, and how: one line of the display. */
export interface EdgeKey {
  /** Workloads as `namespace/name`. */
  readonly from: string;
  readonly to: string;
  /** Where the server listens. */
  readonly port: number;
  readonly tls: boolean;
  /** Why it is not encrypted; empty when it is. */
  readonly reason: string;
  readonly clientIdentity: string;
  readonly serverIdentity: string;
}

export type Protocol = 'HTTP/1.1' | 'HTTP/2' | 'HTTP' | 'gRPC' | 'WebSocket' | 'TCP';

/** What has been counted on an edge since the mesh began. */
export interface EdgeCounts {
  readonly requests: number;
  readonly successes: number;
  readonly failures: number;
  readonly connections: number;
  readonly latency: ReadonlyMap<number, number>;
}

export const noCounts: EdgeCounts = {
  requests: 0,
  successes: 0,
  failures: 0,
  connections: 0,
  latency: new Map(),
};

/** Linkerd's label values in plain words. */
const REASONS: Readonly<Record<string, string>> = {
  no_tls_from_remote: 'client is not in the mesh',
  not_provided_by_service_discovery: 'server is not in the mesh',
  loopback: 'within the pod',
  port_skipped: 'port is skipped',
  disabled: 'identity is disabled',
};

export function reasonText(label: string | undefined): string {
  return label === undefined ? '' : (REASONS[label] ?? label);
}

export const PORT_SKIPPED = REASONS.port_skipped!;
export const CLIENT_UNMESHED = REASONS.no_tls_from_remote!;
export const BOTH_UNMESHED = 'neither side is in the mesh';
