import { type Endpoint, type FailureAccrual, formatMeta, type LoadParams, type Meta } from '@weft/policy';
import { Balancer, type Clock } from '../balance/balancer.ts';
import type { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import type { BalancerSeries } from '../metrics/balancer.ts';
import { type LabelPairs, renderLabels } from '../metrics/labels.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { EndpointFactory } from './endpoint-factory.ts';
import type { EndpointInfo } from './endpoint-info.ts';
import { keyOf } from './endpoint-key.ts';
import { backendLabels, parentLabels } from './labels.ts';
import type { OutboundMetrics } from './metrics.ts';
import type { ResolveEndpoints } from './ports.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';

/** What a balancer balances over. `accrual`: when an endpoint is taken out of use; only requests tell. */
export type BackendSpec =
  | {
      readonly kind: 'balancer';
      readonly path: string;
      readonly load: LoadParams;
      readonly accrual: FailureAccrual | null;
    }
  | { readonly kind: 'forward'; readonly endpoint: Endpoint };

/** HTTP/1 and HTTP/2 requests are ready on different connections; bytes, opaque or of TLS, on none. */
export type HttpBackendProtocol = 'http1' | 'http2';
export type TcpBackendProtocol = 'tcp' | 'tls';
export type BackendProtocol = HttpBackendProtocol | TcpBackendProtocol;

export type HttpBalancer = Balancer<HttpEndpoint<EndpointInfo>>;
export type TcpBalancer = Balancer<TcpEndpoint>;

export interface BackendOptions {
  readonly queueCapacity: number;
  readonly failFastTimeoutMs: number;
}

/** What a balancer is labelled with. */
export interface BackendNames {
  readonly parent: Meta;
  readonly backend: Meta;
  /** The service that was meant, `name:port` or `ip:port`. */
  readonly logical: string;
}

/** A balancer, until `release`. */
export interface HeldBackend<B> {
  readonly balancer: B;
  release(): void;
}

interface Entry {
  readonly balancer: HttpBalancer | TcpBalancer;
  readonly close: () => void;
  users: number;
}

/**
 * The balancers in use, shared by all destinations that lead to the same backend under the same parent.
 * Each is held by those who route to it, and closed when the last of them lets go.
 */
export class Backends {
  readonly #entries = new Map<string, Entry>();
  readonly #resolve: ResolveEndpoints;
  readonly #factory: EndpointFactory;
  readonly #options: { readonly http: BackendOptions; readonly tcp: BackendOptions };
  readonly #metrics: OutboundMetrics;
  readonly #clock: Clock;

  constructor(
    resolve: ResolveEndpoints,
    factory: EndpointFactory,
    options: { readonly http: BackendOptions; readonly tcp: BackendOptions },
    metrics: OutboundMetrics,
    clock: Clock,
  ) {
    this.#resolve = resolve;
    this.#factory = factory;
    this.#options = options;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** The balancers in use; `id`: protocol, parent and backend. */
  *inUse(): IterableIterator<{ id: string; users: number; balancer: HttpBalancer | TcpBalancer }> {
    for (const [id, { users, balancer }] of this.#entries) yield { id, users, balancer };
  }

  /** One more holder of a backend's balancer; `key` tells backends apart. */
  acquireHttp(
    key: string,
    spec: BackendSpec,
    protocol: HttpBackendProtocol,
    names: BackendNames,
  ): HeldBackend<HttpBalancer> {
    return this.#acquire(key, protocol, names, () => this.#openHttp(spec, protocol, names));
  }

  /** As `acquireHttp`, for connections. */
  acquireTcp(
    key: string,
    spec: BackendSpec,
    protocol: TcpBackendProtocol,
    names: BackendNames,
  ): HeldBackend<TcpBalancer> {
    return this.#acquire(key, protocol, names, () => this.#openTcp(spec, protocol, names));
  }

  #acquire<B extends HttpBalancer | TcpBalancer>(
    key: string,
    protocol: BackendProtocol,
    { parent }: BackendNames,
    open: () => Omit<Entry, 'users'>,
  ): HeldBackend<B> {
    const id = `${protocol} ${formatMeta(parent)} ${key}`;
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = { ...open(), users: 0 };
      this.#entries.set(id, entry);
    }
    const held = entry;
    held.users++;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      if (--held.users > 0) return;
      this.#entries.delete(id);
      held.close();
    };
    return { balancer: held.balancer as B, release };
  }

  #openHttp(spec: BackendSpec, protocol: HttpBackendProtocol, names: BackendNames): Omit<Entry, 'users'> {
    const metrics = this.#metrics.httpBalancer.balancer(
      renderLabels(parentAndBackend(names)),
      this.#options.http.failFastTimeoutMs,
    );
    const balancer: HttpBalancer = new Balancer(this.#options.http, this.#clock, metrics);
    const terms = { authority: authorityOf(spec), load: loadOf(spec), accrual: accrualOf(spec) };
    const make = (endpoint: Endpoint) =>
      this.#factory.http(endpoint, protocol, terms, () => {
        balancer.changed();
        metrics.endpoints(balancer.size, balancer.readyCount);
      });
    return { balancer, close: this.#follow(spec, balancer, make, metrics) };
  }

  #openTcp(spec: BackendSpec, protocol: TcpBackendProtocol, names: BackendNames): Omit<Entry, 'users'> {
    const concrete = [
      'concrete',
      spec.kind === 'balancer' ? spec.path : formatAddress(spec.endpoint),
    ] as const;
    const { failFastTimeoutMs } = this.#options.tcp;
    const metrics =
      protocol === 'tls'
        ? this.#metrics.tlsBalancer.balancer(renderLabels([concrete]), failFastTimeoutMs)
        : this.#metrics.tcpBalancer.balancer(
            renderLabels([...parentAndBackend(names), ['logical', names.logical], concrete]),
            failFastTimeoutMs,
          );
    const balancer: TcpBalancer = new Balancer(this.#options.tcp, this.#clock, metrics);
    const make = (endpoint: Endpoint) => this.#factory.tcp(endpoint, loadOf(spec));
    return { balancer, close: this.#follow(spec, balancer, make, metrics) };
  }

  /** Keeps a balancer's endpoints as resolution has them. Returns how to stop and close. */
  #follow<C extends HttpEndpoint<EndpointInfo> | TcpEndpoint>(
    spec: BackendSpec,
    balancer: Balancer<C>,
    make: (endpoint: Endpoint) => C,
    metrics: BalancerSeries,
  ): () => void {
    const report = (): void => metrics.endpoints(balancer.size, balancer.readyCount);
    const close = (): void => {
      balancer.close();
      metrics.endpoints(0, 0);
    };
    if (spec.kind === 'forward') {
      balancer.add(make(spec.endpoint));
      report();
      return close;
    }
    const known = new Map<string, Endpoint>();
    const add = (endpoint: Endpoint): void => {
      const candidate = make(endpoint);
      known.set(candidate.key, endpoint);
      balancer.add(candidate);
    };
    const remove = (key: string): void => {
      known.delete(key);
      balancer.remove(key);
    };
    const stop = this.#resolve(spec.path, {
      onReset: (endpoints) => {
        metrics.updated('Reset');
        const keys = new Set(endpoints.map((endpoint) => keyOf(endpoint)));
        for (const key of [...known.keys()]) if (!keys.has(key)) remove(key);
        for (const endpoint of endpoints)
          if (!sameEndpoint(known.get(keyOf(endpoint)), endpoint)) add(endpoint);
        report();
      },
      onAdd: (endpoints) => {
        metrics.updated('Add');
        for (const endpoint of endpoints)
          if (!sameEndpoint(known.get(keyOf(endpoint)), endpoint)) add(endpoint);
        report();
      },
      onRemove: (addresses) => {
        metrics.updated('Remove');
        for (const address of addresses) remove(keyOf(address));
        report();
      },
      onRejected: (reason) => balancer.fail(reason),
    });
    return () => {
      stop();
      close();
    };
  }
}

const parentAndBackend = ({ parent, backend }: BackendNames): LabelPairs => [
  ...parentLabels(parent),
  ...backendLabels(backend),
];

/** The service balanced over, for labels; null for a forward. */
const authorityOf = (spec: BackendSpec): string | null =>
  spec.kind === 'balancer' ? spec.path.replace(/:80$/, '') : null;

const loadOf = (spec: BackendSpec): LoadParams | null => (spec.kind === 'balancer' ? spec.load : null);

/** The only endpoint of a forward is used however it fares. */
const accrualOf = (spec: BackendSpec): FailureAccrual | null =>
  spec.kind === 'balancer' ? spec.accrual : null;

/** Whether an endpoint announced again is the one already there, so that its connections can stay. */
function sameEndpoint(known: Endpoint | undefined, announced: Endpoint): boolean {
  return known !== undefined && fingerprint(known) === fingerprint(announced);
}

function fingerprint(endpoint: Endpoint): string {
  return JSON.stringify(endpoint, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}
