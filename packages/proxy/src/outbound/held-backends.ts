import type { Backend, Distribution, FailureAccrual, Meta, RouteBackend } from '@weft/policy';
import { formatMeta } from '@weft/policy';
import { balancerKey } from './backend-keys.ts';
import type {
  BackendProtocol,
  BackendSpec,
  Backends,
  HeldBackend,
  HttpBackendProtocol,
  HttpBalancer,
  TcpBackendProtocol,
  TcpBalancer,
} from './backends.ts';

/** What else than the backend makes a balancer the one it is. */
export interface BalancerTerms<P extends BackendProtocol = BackendProtocol> {
  readonly protocol: P;
  readonly parent: Meta;
  /** When an endpoint is taken out of use; null: never. */
  readonly accrual: FailureAccrual | null;
}

interface Held extends HeldBackend<HttpBalancer | TcpBalancer> {
  readonly key: string;
}

type Found = Map<Backend, HttpBalancer | TcpBalancer>;

/**
 * The balancers that the routes of one destination have led to. They are found by the identity of the policy's
 * backends, so that a request renders no key.
 */
export class HeldBackends {
  readonly #backends: Backends;
  readonly #logical: string;
  readonly #held = new Map<string, Held>();
  readonly #found: Record<BackendProtocol, Found> = {
    http1: new Map(),
    http2: new Map(),
    tcp: new Map(),
    tls: new Map(),
  };

  /** `logical`: the destination's name, for labels. */
  constructor(backends: Backends, logical: string) {
    this.#backends = backends;
    this.#logical = logical;
  }

  http(backend: Backend, terms: BalancerTerms<HttpBackendProtocol>): HttpBalancer {
    return this.#find(backend, terms) as HttpBalancer;
  }

  tcp(backend: Backend, terms: BalancerTerms<TcpBackendProtocol>): TcpBalancer {
    return this.#find(backend, terms) as TcpBalancer;
  }

  /** The backend for a request or connection; null when there is none that can take it now. */
  choose<F>(
    distribution: Distribution<F>,
    terms: BalancerTerms,
    random: () => number,
  ): RouteBackend<F> | null {
    switch (distribution.kind) {
      case 'empty':
        return null;
      case 'first-available':
        for (const each of distribution.backends) if (this.#isOpen(each.backend, terms)) return each;
        return null;
      case 'random-available': {
        const { backends } = distribution;
        let total = 0;
        for (const { backend, weight } of backends)
          if (weight > 0 && this.#isOpen(backend, terms)) total += weight;
        let roll = random() * total;
        let chosen: RouteBackend<F> | null = null;
        for (const each of backends) {
          if (each.weight === 0 || !this.#isOpen(each.backend, terms)) continue;
          chosen = each;
          roll -= each.weight;
          if (roll < 0) break;
        }
        return chosen;
      }
    }
  }

  /** Whether there is a backend that can take a request or connection now. */
  isAvailable(distribution: Distribution<unknown>, terms: BalancerTerms): boolean {
    if (distribution.kind === 'empty') return false;
    for (const each of distribution.backends) {
      if ('weight' in each && each.weight === 0) continue;
      if (this.#isOpen(each.backend, terms)) return true;
    }
    return false;
  }

  /** After the routes have changed: keeps the balancers of these keys, lets go of the rest. */
  retain(keys: ReadonlySet<string>): void {
    for (const found of Object.values(this.#found)) found.clear();
    for (const [id, held] of this.#held) {
      if (keys.has(held.key)) continue;
      this.#held.delete(id);
      held.release();
    }
  }

  /** A backend that only fails is always there to do it. */
  #isOpen(backend: Backend, terms: BalancerTerms): boolean {
    return backend.dispatcher.kind === 'fail' || this.#find(backend, terms).gate !== 'shut';
  }

  #find(backend: Backend, terms: BalancerTerms): HttpBalancer | TcpBalancer {
    const found = this.#found[terms.protocol];
    let balancer = found.get(backend);
    if (balancer === undefined) {
      balancer = this.#hold(backend, terms).balancer;
      found.set(backend, balancer);
    }
    return balancer;
  }

  #hold(backend: Backend, { protocol, parent, accrual }: BalancerTerms): Held {
    const key = balancerKey(backend, accrual);
    const id = `${protocol} ${formatMeta(parent)} ${key}`;
    let held = this.#held.get(id);
    if (held === undefined) {
      const spec = { ...(backend.dispatcher as BackendSpec), accrual };
      const names = { parent, backend: backend.meta, logical: this.#logical };
      const acquired =
        protocol === 'tcp' || protocol === 'tls'
          ? this.#backends.acquireTcp(key, spec, protocol, names)
          : this.#backends.acquireHttp(key, spec, protocol, names);
      held = { ...acquired, key };
      this.#held.set(id, held);
    }
    return held;
  }
}
