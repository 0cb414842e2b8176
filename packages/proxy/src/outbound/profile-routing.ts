import {
  type Backend,
  type Distribution,
  defaultMeta,
  type Meta,
  type OpaqueRoute,
  type Profile,
} from '@weft/policy';
import { serviceMeta } from './service-meta.ts';

const load = { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 } as const;
/** Of no effect: the environment's queue settings hold. */
const queue = { capacity: 100, failfastTimeoutMs: 3000 };

/** A service profile in charge of a destination: its split over services, weighted, or the service itself. */
export class ProfileRouting {
  readonly profile: Profile;
  /** `FQN:port`, as peers and metrics are told. */
  readonly canonicalName: string;
  readonly parent: Meta;
  readonly distribution: Distribution<never>;
  /** The profile as the one route of connections that are not taken apart. */
  readonly opaqueRoute: OpaqueRoute;

  constructor(fqn: string, port: number, profile: Profile) {
    this.profile = profile;
    this.canonicalName = `${fqn}:${port}`;
    this.parent = serviceMeta(fqn, port);
    this.distribution = split(fqn, port, profile);
    this.opaqueRoute = {
      meta: defaultMeta('serviceprofile'),
      filters: [],
      distribution: this.distribution,
    };
  }
}

function split(fqn: string, port: number, { targets }: Profile): Distribution<never> {
  if (targets.length === 0) {
    return { kind: 'first-available', backends: [{ backend: service(fqn, port), filters: [] }] };
  }
  const backends = targets.map(({ host, port, weight }) => ({
    backend: service(host, port),
    filters: [],
    weight,
  }));
  return { kind: 'random-available', backends };
}

function service(host: string, port: number): Backend {
  const path = `${host}:${port}`;
  return {
    meta: serviceMeta(host, port),
    key: `profile ${path}`,
    dispatcher: { kind: 'balancer', path, load },
    queue,
  };
}
