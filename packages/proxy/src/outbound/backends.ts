import type { Endpoint, LoadParams, Meta } from '@weft/policy';
import { Balancer, type Clock } from '../balance/balancer.ts';
import type { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import { renderLabels } from '../metrics/labels.ts';
import type { EndpointFactory } from './endpoint-factory.ts';
import type { EndpointInfo } from './endpoint-info.ts';
import { backendLabels, parentLabels } from './labels.ts';
import type { OutboundMetrics } from './metrics.ts';
import type { ResolveEndpoints } from './ports.ts';
import type { TcpEndpoint } from './tcp-endpoint.ts';

/** What a balancer balances over. */
export type BackendSpec =
  | { readonly kind: 'balancer'; readonly path: string; readonly load: LoadParams }
  | { readonly kind: 'forward'; readonly endpoint: Endpoint };

/** HTTP/1 and HTTP/2 requests are ready on different connections, opaque connections on none. */
export type BackendProtocol = 'http1' | 'http2' | 'tcp';

export type HttpBalancer = Balancer<HttpEndpoint<EndpointInfo>>;
export type TcpBalancer = Balancer<TcpEndpoint>;

export interface BackendOptions {
  readonly queueCapacity: number;
  readonly failFastTimeoutMs: number;
}

interface Entry {
  readonly balancer: Balancer<HttpEndpoint<EndpointInfo>> | Balancer<TcpEndpoint>;
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

  /** One more holder of a backend's balancer; `key` tells backends apart. */
  acquireHttp(
    key: string,
    spec: BackendSpec,
    protocol: 'http1' | 'http2',
    parent: Meta,
    backend: Meta,
  ): HttpBalancer {
    const entry = this.#acquire(`${protocol} ${key}`, () => this.#open(spec, protocol, parent, backend));
    return entry.balancer as HttpBalancer;
  }

  acquireTcp(key: string, spec: BackendSpec, parent: Meta, backend: Meta): TcpBalancer {
    return this.#acquire(`tcp ${key}`, () => this.#open(spec, 'tcp', parent, backend))
      .balancer as TcpBalancer;
  }

  release(key: string, protocol: BackendProtocol): void {
    const id = `${protocol} ${key}`;
    const entry = this.#entries.get(id);
    if (entry === undefined || --entry.users > 0) return;
    this.#entries.delete(id);
    entry.close();
  }

  #acquire(id: string, open: () => Entry): Entry {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = open();
      this.#entries.set(id, entry);
    }
    entry.users++;
    return entry;
  }

  #open(spec: BackendSpec, protocol: BackendProtocol, parent: Meta, backend: Meta): Entry {
    const families = protocol === 'tcp' ? this.#metrics.tcpBalancer : this.#metrics.httpBalancer;
    const metrics = families.balancer(renderLabels([...parentLabels(parent), ...backendLabels(backend)]));
    const options = protocol === 'tcp' ? this.#options.tcp : this.#options.http;
    const clock = this.#clock;
    const load = spec.kind === 'balancer' ? spec.load : null;
    const authority = spec.kind === 'balancer' ? spec.path.replace(/:80$/, '') : null;

    if (protocol === 'tcp') {
      const balancer: TcpBalancer = new Balancer<TcpEndpoint>(options, clock, metrics);
      const make = (endpoint: Endpoint) => this.#factory.tcp(endpoint, authority, load);
      return { balancer, users: 0, close: this.#follow(spec, balancer, make, () => report()) };
      function report(): void {
        metrics.endpoints(balancer.size, balancer.readyCount);
      }
    }
    const balancer: HttpBalancer = new Balancer<HttpEndpoint<EndpointInfo>>(options, clock, metrics);
    const report = (): void => metrics.endpoints(balancer.size, balancer.readyCount);
    const make = (endpoint: Endpoint) =>
      this.#factory.http(endpoint, protocol, authority, load, () => {
        balancer.changed();
        report();
      });
    return { balancer, users: 0, close: this.#follow(spec, balancer, make, report) };
  }

  /** Keeps a balancer's endpoints as resolution has them. Returns how to stop and close. */
  #follow<C extends HttpEndpoint<EndpointInfo> | TcpEndpoint>(
    spec: BackendSpec,
    balancer: Balancer<C>,
    make: (endpoint: Endpoint) => C,
    report: () => void,
  ): () => void {
    if (spec.kind === 'forward') {
      balancer.add(make(spec.endpoint));
      report();
      return () => balancer.close();
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
        const keys = new Set(endpoints.map((endpoint) => keyOf(endpoint)));
        for (const key of [...known.keys()]) if (!keys.has(key)) remove(key);
        for (const endpoint of endpoints)
          if (!sameEndpoint(known.get(keyOf(endpoint)), endpoint)) add(endpoint);
        report();
      },
      onAdd: (endpoints) => {
        for (const endpoint of endpoints)
          if (!sameEndpoint(known.get(keyOf(endpoint)), endpoint)) add(endpoint);
        report();
      },
      onRemove: (addresses) => {
        for (const address of addresses) remove(keyOf(address));
        report();
      },
    });
    return () => {
      stop();
      balancer.close();
    };
  }
}

export const keyOf = ({ ip, port }: { readonly ip: string; readonly port: number }): string =>
  `${ip} ${port}`;

/** Whether an endpoint announced again is the one already there, so that its connections can stay. */
function sameEndpoint(known: Endpoint | undefined, announced: Endpoint): boolean {
  return known !== undefined && fingerprint(known) === fingerprint(announced);
}

function fingerprint(endpoint: Endpoint): string {
  return JSON.stringify(endpoint, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}
