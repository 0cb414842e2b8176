import { Balancer, type BalancerOptions, type Clock, unmeasured } from '../balance/balancer.ts';
import { PeakEwma } from '../balance/peak-ewma.ts';
import { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import type { HttpClient } from '../http/stream.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';

/** The application at one address, spoken to in one version of HTTP. */
export interface LocalTarget {
  readonly address: SocketAddress;
}

export type LocalBalancer = Balancer<HttpEndpoint<LocalTarget>>;
export type LocalVersion = 'http1' | 'http2';

interface Entry {
  readonly balancer: LocalBalancer;
  users: number;
  idle: unknown;
}

/** The clients to the pod's own applications, closed some time after the last connection for them has gone. */
export class LocalTargets {
  readonly #entries = new Map<string, Entry>();
  readonly #makeClient: (target: SocketAddress, version: LocalVersion) => HttpClient;
  readonly #options: BalancerOptions & { readonly idleMs: number };
  readonly #clock: Clock;

  constructor(
    makeClient: (target: SocketAddress, version: LocalVersion) => HttpClient,
    options: BalancerOptions & { readonly idleMs: number },
    clock: Clock,
  ) {
    this.#makeClient = makeClient;
    this.#options = options;
    this.#clock = clock;
  }

  /** Holds the target until `release`. */
  acquire(target: SocketAddress, version: LocalVersion): LocalBalancer {
    const key = keyOf(target, version);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { balancer: this.#open(key, target, version), users: 0, idle: null };
      this.#entries.set(key, entry);
    }
    this.#clock.clearTimeout(entry.idle);
    entry.users++;
    return entry.balancer;
  }

  release(target: SocketAddress, version: LocalVersion): void {
    const key = keyOf(target, version);
    const entry = this.#entries.get(key);
    if (entry === undefined || --entry.users > 0) return;
    entry.idle = this.#clock.setTimeout(() => {
      this.#entries.delete(key);
      entry.balancer.close();
    }, this.#options.idleMs);
  }

  close(): void {
    for (const entry of this.#entries.values()) {
      this.#clock.clearTimeout(entry.idle);
      entry.balancer.close();
    }
    this.#entries.clear();
  }

  #open(key: string, target: SocketAddress, version: LocalVersion): LocalBalancer {
    const balancer: LocalBalancer = new Balancer(this.#options, this.#clock, unmeasured);
    const load = new PeakEwma(30, 10_000, this.#clock.now());
    const client = this.#makeClient(target, version);
    balancer.add(
      new HttpEndpoint(
        key,
        { address: target },
        client,
        load,
        () => balancer.changed(),
        () => {},
      ),
    );
    return balancer;
  }
}

const keyOf = (target: SocketAddress, version: LocalVersion): string => `${version} ${formatAddress(target)}`;
