import type { Meta, OutboundPolicy } from '@weft/policy';
import { renderLabels } from '../metrics/labels.ts';
import { backendLabels, parentLabels, routeLabels } from './labels.ts';
import type {
  OutboundBackendCounts,
  OutboundMetrics,
  OutboundRouteCounts,
  OutboundRouteFamilies,
  RetrySeries,
} from './metrics.ts';

/** The series of one destination's policy routes, found once and kept until the policy changes. */
export class RouteSeries {
  readonly #parent: Meta;
  readonly #families: OutboundRouteFamilies;
  /** By route, then by hostname. */
  readonly #routes = new Map<Meta, Map<string, OutboundRouteCounts>>();
  /** By route, then by hostname. */
  readonly #retries = new Map<Meta, Map<string, RetrySeries>>();
  /** By route, then by backend. */
  readonly #backends = new Map<Meta, Map<Meta, OutboundBackendCounts>>();

  constructor(metrics: OutboundMetrics, policy: OutboundPolicy) {
    this.#parent = policy.meta;
    this.#families = policy.protocol.kind === 'grpc' ? metrics.grpc : metrics.http;
  }

  route(route: Meta, hostname: string): OutboundRouteCounts {
    const known = this.#routes.get(route)?.get(hostname);
    if (known !== undefined) return known;
    return getOrMake(
      getOrMake(this.#routes, route, () => new Map()),
      hostname,
      () => this.#families.route(this.#labelsOf(route, hostname)),
    );
  }

  retry(route: Meta, hostname: string): RetrySeries {
    return getOrMake(
      getOrMake(this.#retries, route, () => new Map()),
      hostname,
      () => this.#families.retry(this.#labelsOf(route, hostname)),
    );
  }

  backend(route: Meta, backend: Meta): OutboundBackendCounts {
    const known = this.#backends.get(route)?.get(backend);
    if (known !== undefined) return known;
    return getOrMake(
      getOrMake(this.#backends, route, () => new Map()),
      backend,
      () =>
        this.#families.backend(
          renderLabels([...parentLabels(this.#parent), ...routeLabels(route), ...backendLabels(backend)]),
        ),
    );
  }

  #labelsOf(route: Meta, hostname: string): string {
    return renderLabels([...parentLabels(this.#parent), ...routeLabels(route), ['hostname', hostname]]);
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
