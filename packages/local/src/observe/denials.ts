import type { Sample } from './prometheus-text.ts';
import type { ObservedPod } from './workloads.ts';

/** Whom a server has turned away, how often. */
export interface Denial {
  /** `namespace/workload`. */
  readonly to: string;
  readonly port: number;
  /** The client's identity; empty for a client without one. */
  readonly clientIdentity: string;
  readonly protocol: 'HTTP' | 'TCP';
  /** The Server, or the default policy, that decided. */
  readonly server: string;
  readonly count: number;
}

export const DENIAL_METRICS: ReadonlySet<string> = new Set([
  'inbound_http_authz_deny_total',
  'inbound_tcp_authz_deny_total',
  'inbound_tcp_authz_terminate_total',
]);

/** Denials among the grown counters of a server's proxy; `count` is the growth. */
export function denialsIn(server: ObservedPod, increases: readonly Sample[]): readonly Denial[] {
  return increases
    .filter(({ name }) => DENIAL_METRICS.has(name))
    .map(({ name, labels, value }) => ({
      to: server.workload,
      port: Number(labels.target_port ?? labels.target_addr?.split(':').pop() ?? 0),
      clientIdentity: labels.client_id ?? '',
      protocol: name.startsWith('inbound_http') ? 'HTTP' : 'TCP',
      server: labels.srv_name ?? '',
      count: value,
    }));
}

/** Equal for denials that differ only in their count. */
export function denialKey({ count: _, ...rest }: Denial): string {
  return JSON.stringify(rest);
}

/** Denials of more kinds than this are counted by the proxies alone. */
const MAX_KINDS = 1000;

/** Adds denials up by who, where and why. */
export class DenialLedger {
  readonly #denials = new Map<string, Denial>();

  get entries(): readonly Denial[] {
    return [...this.#denials.values()];
  }

  add(denial: Denial): void {
    const key = denialKey(denial);
    if (this.#denials.size >= MAX_KINDS && !this.#denials.has(key)) return;
    const count = (this.#denials.get(key)?.count ?? 0) + denial.count;
    this.#denials.set(key, { ...denial, count });
  }
}
