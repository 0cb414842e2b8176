import {
  type Backend,
  type ConnectionFilter,
  type Distribution,
  type FailureAccrual,
  matchTlsRoute,
  type OpaqueRoute,
  type OutboundPolicy,
  type Profile,
  type RouteBackend,
} from '@weft/policy';
import { type Destination, formatDestination } from '../discovery/destination.ts';
import type { Filter } from '../exchange/filters.ts';
import type { HttpVersion } from '../http/message.ts';
import type { LabelPairs } from '../metrics/labels.ts';
import type { ProfileRouteMetrics } from '../profile/metrics.ts';
import { addBackendKeys, backendKeys } from './backend-keys.ts';
import type { Backends, HttpBackendProtocol, HttpBalancer, TcpBalancer } from './backends.ts';
import type { ConnectionRoute } from './connection-route.ts';
import { type BalancerTerms, HeldBackends } from './held-backends.ts';
import { type HttpRouting, httpRouting } from './http-routing.ts';
import type { OutboundMetrics } from './metrics.ts';
import type { HeldDiscovered } from './ports.ts';
import { ProfileRouting } from './profile-routing.ts';
import { RouteSeries } from './route-series.ts';

/** What all targets share. */
export interface LogicalTargetDeps {
  readonly backends: Backends;
  readonly metrics: OutboundMetrics;
  readonly profileRoutes: ProfileRouteMetrics;
  /** Requests are routed by a service's profile even where that has neither routes nor a split (gateways). */
  readonly byProfileAlone?: boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * One destination of the application, as discovery describes it. Holds the balancers that its routes have
 * led to, for as long as its routes lead there.
 */
export class LogicalTarget {
  readonly destination: Destination;
  /** `ip:port`, or `name:port` where a name was asked for. */
  readonly name: string;
  readonly discovered: HeldDiscovered;
  readonly #deps: LogicalTargetDeps;
  readonly #held: HeldBackends;
  readonly #unsubscribe: readonly (() => void)[];
  /** Decided once: a profile routes HTTP when it has routes or a split, connections when it has a split. */
  readonly #byProfile: { readonly http: boolean; readonly tcp: boolean };
  /** Of the profile that was there in the beginning; later ones are about the same service. */
  readonly #fqn: string | null;
  #profile: ProfileRouting | null = null;
  #series: RouteSeries;
  #http1: HttpRouting;
  #http2: HttpRouting;
  #terms: Record<HttpBackendProtocol, BalancerTerms<HttpBackendProtocol>>;

  constructor(destination: Destination, discovered: HeldDiscovered, deps: LogicalTargetDeps) {
    this.destination = destination;
    this.name = formatDestination(destination);
    this.discovered = discovered;
    this.#deps = deps;
    const profile = discovered.profile.current;
    this.#fqn = profile?.fqn ?? null;
    const tcp = this.#fqn !== null && profile !== null && profile.targets.length > 0;
    const routes = deps.byProfileAlone === true || (profile?.routes.length ?? 0) > 0;
    this.#byProfile = { tcp, http: tcp || (this.#fqn !== null && routes) };
    this.#held = new HeldBackends(
      deps.backends,
      this.#fqn === null ? this.name : `${this.#fqn}:${destination.port}`,
    );
    this.#series = new RouteSeries(deps.metrics, this.policy);
    this.#http1 = httpRouting(this.policy, '1.1');
    this.#http2 = httpRouting(this.policy, '2');
    this.#readProfile(profile);
    this.#terms = this.#httpTerms();
    this.#unsubscribe = [
      discovered.policy.subscribe(() => this.#onPolicy()),
      discovered.profile.subscribe((next) => this.#onProfile(next)),
    ];
  }

  get port(): number {
    return this.destination.port;
  }

  get policy(): OutboundPolicy {
    return this.discovered.policy.current;
  }

  get isGrpc(): boolean {
    return this.policy.protocol.kind === 'grpc';
  }

  /** The profile in charge of requests; null where the policy is. */
  get httpProfile(): ProfileRouting | null {
    return this.#byProfile.http ? this.#profile : null;
  }

  /** The series of the policy's routes. */
  get series(): RouteSeries {
    return this.#series;
  }

  /** The routes for requests of that version. */
  httpProtocol(version: HttpVersion): HttpRouting {
    return version === '2' ? this.#http2 : this.#http1;
  }

  /** The route of connections that are not taken apart; null closes them. */
  opaqueRoute(): ConnectionRoute | null {
    const where = this.#address();
    const profile = this.#byProfile.tcp ? this.#profile : null;
    if (profile !== null)
      return { parent: profile.parent, route: profile.opaqueRoute, protocol: 'tcp', where };
    const route = opaqueRouteOf(this.policy);
    return route === null ? null : { parent: this.policy.meta, route, protocol: 'tcp', where };
  }

  /** The route of TLS connections to that name; null closes them. `hostname`: for labels. */
  tlsRoute(sni: string, hostname: string): ConnectionRoute | null {
    const { meta, protocol } = this.policy;
    const route = protocol.kind === 'tls' ? matchTlsRoute(protocol.routes, sni) : null;
    return route === null ? null : { parent: meta, route, protocol: 'tls', where: [['hostname', hostname]] };
  }

  /** One of a rule's backends, or of the profile's services; null when none can take a request now. */
  chooseHttp(
    distribution: Distribution<Filter>,
    version: HttpVersion,
    random: () => number,
  ): RouteBackend<Filter> | null {
    return this.#held.choose(distribution, this.#terms[httpOf(version)], random);
  }

  /** Whether any of them can. */
  isAvailable(distribution: Distribution<Filter>, version: HttpVersion): boolean {
    return this.#held.isAvailable(distribution, this.#terms[httpOf(version)]);
  }

  httpBalancer(backend: Backend, version: HttpVersion): HttpBalancer {
    return this.#held.http(backend, this.#terms[httpOf(version)]);
  }

  /** One of a connection route's backends; null when none can take a connection now. */
  chooseTcp(
    { parent, route, protocol }: ConnectionRoute,
    random: () => number,
  ): RouteBackend<ConnectionFilter> | null {
    return this.#held.choose(route.distribution, { protocol, parent, accrual: null }, random);
  }

  tcpBalancer(backend: Backend, { parent, protocol }: ConnectionRoute): TcpBalancer {
    return this.#held.tcp(backend, { protocol, parent, accrual: null });
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.discovered.release();
    this.#profile?.release();
    this.#held.retain(new Set());
  }

  /** A profile knows nothing of endpoints that are taken out of use. */
  #httpTerms(): Record<HttpBackendProtocol, BalancerTerms<HttpBackendProtocol>> {
    const profile = this.httpProfile;
    const terms = <P extends HttpBackendProtocol>(protocol: P, routing: HttpRouting): BalancerTerms<P> =>
      profile === null
        ? { protocol, parent: this.policy.meta, accrual: accrualOf(routing) }
        : { protocol, parent: profile.parent, accrual: null };
    return { http1: terms('http1', this.#http1), http2: terms('http2', this.#http2) };
  }

  #onPolicy(): void {
    this.#http1 = httpRouting(this.policy, '1.1');
    this.#http2 = httpRouting(this.policy, '2');
    this.#series = new RouteSeries(this.#deps.metrics, this.policy);
    this.#terms = this.#httpTerms();
    this.#retain();
  }

  #onProfile(profile: Profile | null): void {
    this.#readProfile(profile);
    this.#terms = this.#httpTerms();
    this.#retain();
  }

  /** What was known last stays in force when there is no profile any more. */
  #readProfile(profile: Profile | null): void {
    if (profile === null || this.#fqn === null || !this.#byProfile.http) return;
    const { profileRoutes, now } = this.#deps;
    const former = this.#profile;
    this.#profile = new ProfileRouting(this.#fqn, this.port, profile, profileRoutes, now, former);
    former?.release();
  }

  #retain(): void {
    const keys = backendKeys(this.policy);
    if (this.#profile !== null) addBackendKeys(keys, this.#profile.distribution, null);
    this.#held.retain(keys);
  }

  /** A service's name comes before the address that led to it. */
  #address(): LabelPairs {
    const { destination } = this;
    const ip = destination.kind === 'address' && this.#fqn === null ? destination.ip : '';
    return [
      ['target_ip', ip],
      ['target_port', String(destination.port)],
    ];
  }
}

const accrualOf = (routing: HttpRouting): FailureAccrual | null =>
  routing.kind === 'invalid' ? null : routing.failureAccrual;

const httpOf = (version: HttpVersion): HttpBackendProtocol => (version === '2' ? 'http2' : 'http1');

function opaqueRouteOf({ meta, protocol }: OutboundPolicy): OpaqueRoute | null {
  switch (protocol.kind) {
    case 'detect':
      return protocol.opaque.route;
    case 'opaque':
      return protocol.route;
    case 'invalid':
      // What cannot be understood refuses connections, as it does requests.
      return { meta, filters: [{ kind: 'unknown' }], distribution: { kind: 'empty' } };
    default:
      return null;
  }
}
