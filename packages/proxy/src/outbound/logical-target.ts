import {
  type Backend,
  type ConnectionFilter,
  type Distribution,
  defaultMeta,
  type GrpcProtocol,
  type HttpProtocol,
  type Meta,
  type OpaqueRoute,
  type OutboundPolicy,
  type Profile,
} from '@weft/policy';
import type { Filter } from '../exchange/filters.ts';
import type { HttpVersion } from '../http/message.ts';
import { renderLabels } from '../metrics/labels.ts';
import type { BackendProtocol, BackendSpec, Backends, HttpBalancer, TcpBalancer } from './backends.ts';
import { backendLabels, parentLabels, routeLabels } from './labels.ts';
import type { OutboundBackendCounts, OutboundMetrics, OutboundRouteCounts } from './metrics.ts';
import type { HeldDiscovered } from './ports.ts';

export type HttpRouting =
  | ({ readonly kind: 'http' } & HttpProtocol)
  | ({ readonly kind: 'grpc' } & GrpcProtocol)
  | { readonly kind: 'invalid'; readonly reason: string };

export type Choice<B, F> =
  | {
      readonly kind: 'backend';
      readonly balancer: B;
      readonly meta: Meta | null;
      readonly filters: readonly F[];
    }
  | { readonly kind: 'fail'; readonly message: string; readonly meta: Meta; readonly filters: readonly F[] }
  /** No backend, or none that can take a request now. */
  | { readonly kind: 'none' };

const none = { kind: 'none' } as const;
const profileLoad = { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 } as const;

interface Held {
  readonly key: string;
  readonly protocol: BackendProtocol;
  readonly balancer: HttpBalancer | TcpBalancer;
}

/**
 * One destination of the application, as discovery describes it. Holds the balancers that its routes have
 * led to, for as long as its routes lead there.
 */
export class LogicalTarget {
  /** `ip:port`, or `name:port` where a name was asked for. */
  readonly name: string;
  readonly port: number;
  /** Decided once: profiles route only what has routes or a split of its own. */
  readonly routingProfile: Profile | null;
  readonly discovered: HeldDiscovered;
  readonly #backends: Backends;
  readonly #metrics: OutboundMetrics;
  readonly #held = new Map<string, Held>();
  /** By route, then by hostname. */
  readonly #routeCounts = new Map<Meta, Map<string, OutboundRouteCounts>>();
  /** By route, then by backend. */
  readonly #backendCounts = new Map<Meta, Map<Meta, OutboundBackendCounts>>();
  readonly #unsubscribe: () => void;
  #http1: HttpRouting;
  #http2: HttpRouting;

  constructor(
    name: string,
    port: number,
    discovered: HeldDiscovered,
    backends: Backends,
    metrics: OutboundMetrics,
  ) {
    this.name = name;
    this.port = port;
    this.discovered = discovered;
    this.#backends = backends;
    this.#metrics = metrics;
    const profile = discovered.profile.current;
    const routes =
      profile !== null && profile.fqn !== null && (profile.routes.length > 0 || profile.targets.length > 0);
    this.routingProfile = routes ? profile : null;
    this.#http1 = httpRouting(this.policy, '1.1');
    this.#http2 = httpRouting(this.policy, '2');
    this.#unsubscribe = discovered.policy.subscribe(() => this.#onPolicy());
  }

  get policy(): OutboundPolicy {
    return this.discovered.policy.current;
  }

  get isGrpc(): boolean {
    return this.policy.protocol.kind === 'grpc';
  }

  /** `FQN:port`, as it is told to the peer. */
  canonicalName(profile: Profile): string {
    return `${profile.fqn}:${this.port}`;
  }

  /** The routes for requests of that version. */
  httpProtocol(version: HttpVersion): HttpRouting {
    return version === '2' ? this.#http2 : this.#http1;
  }

  /** The route of connections that are not taken apart; null closes them. */
  opaqueRoute(): OpaqueRoute | null {
    const { protocol } = this.policy;
    if (protocol.kind === 'detect') return protocol.opaque.route;
    return protocol.kind === 'opaque' ? protocol.route : null;
  }

  chooseBackend(
    distribution: Distribution<Filter>,
    version: HttpVersion,
    random: () => number,
  ): Choice<HttpBalancer, Filter> {
    const protocol = version === '2' ? 'http2' : 'http1';
    return this.#choose(distribution, random, (backend) => this.#balancer(backend, protocol) as HttpBalancer);
  }

  chooseTcp(
    distribution: Distribution<ConnectionFilter>,
    random: () => number,
  ): Choice<TcpBalancer, ConnectionFilter> {
    return this.#choose(distribution, random, (backend) => this.#balancer(backend, 'tcp') as TcpBalancer);
  }

  /** One of the profile's targets, by weight; the service itself when it has none. */
  chooseTarget(version: HttpVersion, random: () => number): Choice<HttpBalancer, Filter> {
    const balancer = this.#chooseTarget(version === '2' ? 'http2' : 'http1', random) as HttpBalancer | null;
    return balancer === null ? none : { kind: 'backend', balancer, meta: null, filters: [] };
  }

  chooseTcpTarget(random: () => number): TcpBalancer | null {
    return this.#chooseTarget('tcp', random) as TcpBalancer | null;
  }

  routeCounts(route: Meta, hostname: string): OutboundRouteCounts {
    return getOrMake(
      getOrMake(this.#routeCounts, route, () => new Map()),
      hostname,
      () =>
        this.#families.route(
          renderLabels([...parentLabels(this.policy.meta), ...routeLabels(route), ['hostname', hostname]]),
        ),
    );
  }

  backendCounts(route: Meta, backend: Meta): OutboundBackendCounts {
    return getOrMake(
      getOrMake(this.#backendCounts, route, () => new Map()),
      backend,
      () =>
        this.#families.backend(
          renderLabels([...parentLabels(this.policy.meta), ...routeLabels(route), ...backendLabels(backend)]),
        ),
    );
  }

  close(): void {
    this.#unsubscribe();
    this.discovered.release();
    this.#letGoExcept(new Set());
  }

  get #families() {
    return this.isGrpc ? this.#metrics.grpc : this.#metrics.http;
  }

  #onPolicy(): void {
    this.#http1 = httpRouting(this.policy, '1.1');
    this.#http2 = httpRouting(this.policy, '2');
    this.#routeCounts.clear();
    this.#backendCounts.clear();
    this.#letGoExcept(backendKeys(this.policy));
  }

  #choose<B extends HttpBalancer | TcpBalancer, F>(
    distribution: Distribution<F>,
    random: () => number,
    balancerOf: (backend: Backend) => B,
  ): Choice<B, F> {
    if (distribution.kind === 'empty') return none;
    const open: { choice: Choice<B, F>; weight: number }[] = [];
    for (const each of distribution.backends) {
      const { backend, filters } = each;
      const weight = 'weight' in each ? (each.weight as number) : 1;
      if (weight === 0) continue;
      if (backend.dispatcher.kind === 'fail') {
        const { message } = backend.dispatcher;
        open.push({ weight, choice: { kind: 'fail', message, meta: backend.meta, filters } });
      } else {
        const balancer = balancerOf(backend);
        if (balancer.gate === 'shut') continue;
        open.push({ weight, choice: { kind: 'backend', balancer, meta: backend.meta, filters } });
      }
      if (distribution.kind === 'first-available' && open.length === 1) return open[0].choice;
    }
    return pickWeighted(open, random)?.choice ?? none;
  }

  #chooseTarget(protocol: BackendProtocol, random: () => number): HttpBalancer | TcpBalancer | null {
    const profile = this.routingProfile;
    if (profile === null) return null;
    const targets =
      profile.targets.length > 0
        ? profile.targets
        : [{ host: profile.fqn ?? '', port: this.port, weight: 1 }];
    const open = targets
      .map(({ host, port, weight }) => ({
        weight,
        balancer: this.#profileBalancer(`${host}:${port}`, protocol),
      }))
      .filter(({ balancer }) => balancer.gate !== 'shut');
    return pickWeighted(open, random)?.balancer ?? null;
  }

  #profileBalancer(path: string, protocol: BackendProtocol): HttpBalancer | TcpBalancer {
    const spec = { kind: 'balancer', path, load: profileLoad } as const;
    return this.#hold(`profile ${path}`, spec, protocol, defaultMeta('profile'), defaultMeta('profile'));
  }

  #balancer(backend: Backend, protocol: BackendProtocol): HttpBalancer | TcpBalancer {
    return this.#hold(
      backend.key,
      backend.dispatcher as BackendSpec,
      protocol,
      this.policy.meta,
      backend.meta,
    );
  }

  #hold(
    key: string,
    spec: BackendSpec,
    protocol: BackendProtocol,
    parent: Meta,
    meta: Meta,
  ): HttpBalancer | TcpBalancer {
    const id = `${protocol} ${key}`;
    let held = this.#held.get(id);
    if (held === undefined) {
      const balancer =
        protocol === 'tcp'
          ? this.#backends.acquireTcp(key, spec, parent, meta)
          : this.#backends.acquireHttp(key, spec, protocol, parent, meta);
      held = { key, protocol, balancer };
      this.#held.set(id, held);
    }
    return held.balancer;
  }

  #letGoExcept(keys: ReadonlySet<string>): void {
    for (const [id, held] of this.#held) {
      if (keys.has(held.key) || (keys.size > 0 && held.key.startsWith('profile '))) continue;
      this.#held.delete(id);
      this.#backends.release(held.key, held.protocol);
    }
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function httpRouting({ protocol }: OutboundPolicy, version: HttpVersion): HttpRouting {
  switch (protocol.kind) {
    case 'detect':
      return { kind: 'http', ...(version === '2' ? protocol.http2 : protocol.http1) };
    case 'http1':
    case 'http2':
      return { ...protocol, kind: 'http' };
    case 'grpc':
    case 'invalid':
      return protocol;
    default:
      return { kind: 'invalid', reason: `the destination's policy is ${protocol.kind}` };
  }
}

function pickWeighted<T extends { readonly weight: number }>(
  items: readonly T[],
  random: () => number,
): T | null {
  if (items.length <= 1) return items[0] ?? null;
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  let roll = random() * total;
  for (const item of items) {
    roll -= item.weight;
    if (roll < 0) return item;
  }
  return items.at(-1) ?? null;
}

/** The backends that a policy's routes lead to. */
function backendKeys(policy: OutboundPolicy): Set<string> {
  const keys = new Set<string>();
  const add = (distribution: Distribution<unknown>): void => {
    if (distribution.kind !== 'empty') for (const { backend } of distribution.backends) keys.add(backend.key);
  };
  const addRules = (
    routes: readonly { readonly rules: readonly { readonly distribution: Distribution<unknown> }[] }[],
  ) => {
    for (const route of routes) for (const rule of route.rules) add(rule.distribution);
  };
  const { protocol } = policy;
  switch (protocol.kind) {
    case 'detect':
      if (protocol.opaque.route !== null) add(protocol.opaque.route.distribution);
      addRules(protocol.http1.routes.routes);
      addRules(protocol.http2.routes.routes);
      break;
    case 'http1':
    case 'http2':
    case 'grpc':
      addRules(protocol.routes.routes);
      break;
    case 'opaque':
      if (protocol.route !== null) add(protocol.route.distribution);
      break;
    case 'tls':
      for (const route of protocol.routes) add(route.distribution);
      break;
    case 'invalid':
      break;
  }
  return keys;
}
