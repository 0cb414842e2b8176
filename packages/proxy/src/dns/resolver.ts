import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { SocketAddress } from '../transport/connection.ts';

/** Addresses, and for how long they may be used (milliseconds). */
export interface Resolution {
  readonly addresses: readonly SocketAddress[];
  readonly ttlMs: number;
}

export interface ResolutionMetrics {
  onResolution(record: 'SRV' | 'A/AAAA', result: 'ok' | 'not_found'): void;
}

export interface TtlBounds {
  readonly minMs: number | undefined;
  readonly maxMs: number | undefined;
}

/** Names are not asked for again sooner than this. */
const leastTtlMs = 5000;

/**
 * Where a control-plane name leads: SRV records on the plain name, whose targets begin with an address
 * written with dashes; otherwise its addresses, with the configured port.
 */
export class ControlResolver {
  readonly #resolver: Resolver;
  readonly #bounds: TtlBounds;
  readonly #metrics: ResolutionMetrics;

  /** `servers`, as `ip` or `ip:port`, stand in for those of resolv.conf. */
  constructor(bounds: TtlBounds, metrics: ResolutionMetrics, servers: readonly string[] = []) {
    this.#resolver = new Resolver({ timeout: 2000, tries: 2 });
    if (servers.length > 0) this.#resolver.setServers(servers);
    this.#bounds = bounds;
    this.#metrics = metrics;
  }

  /** Rejects when the name has neither kind of record. */
  async resolve(host: string, port: number): Promise<Resolution> {
    const name = host.replace(/\.$/, '');
    try {
      const resolution = await this.#srv(name);
      this.#metrics.onResolution('SRV', 'ok');
      return resolution;
    } catch {
      this.#metrics.onResolution('SRV', 'not_found');
    }
    try {
      const resolution = await this.#addresses(name, port);
      this.#metrics.onResolution('A/AAAA', 'ok');
      return resolution;
    } catch (error) {
      this.#metrics.onResolution('A/AAAA', 'not_found');
      throw new Error(`${host} cannot be resolved`, { cause: error });
    }
  }

  async #srv(name: string): Promise<Resolution> {
    const records = await this.#resolver.resolveSrv(name);
    const addresses = records.map((record) => ({ ip: ipOfTarget(record.name), port: record.port }));
    if (addresses.length === 0) throw new Error('no SRV records');
    // Node does not tell the TTL of SRV records.
    return { addresses, ttlMs: this.#ttl(leastTtlMs / 1000) };
  }

  async #addresses(name: string, port: number): Promise<Resolution> {
    const found = await this.#resolver
      .resolve4(name, { ttl: true })
      .catch(() => this.#resolver.resolve6(name, { ttl: true }));
    const ttl = Math.min(...found.map((record) => record.ttl));
    return { addresses: found.map(({ address }) => ({ ip: address, port })), ttlMs: this.#ttl(ttl) };
  }

  #ttl(seconds: number): number {
    const { minMs, maxMs } = this.#bounds;
    return Math.max(
      leastTtlMs,
      Math.min(Math.max(seconds * 1000, minMs ?? 0), maxMs ?? Number.POSITIVE_INFINITY),
    );
  }
}

/** `10-1-2-3.linkerd-dst-headless…` names 10.1.2.3, `fd00--1.…` names fd00::1. Throws for anything else. */
export function ipOfTarget(target: string): string {
  const [label = ''] = target.split('.', 1);
  for (const ip of [label.replaceAll('-', '.'), label.replaceAll('-', ':')]) if (isIP(ip) !== 0) return ip;
  throw new Error(`SRV target ${target} names no address`);
}
