import type { Endpoint } from '@weft/policy';
import type { PenalizedEwma } from '../balance/penalized-ewma.ts';
import type { HttpTargetMetrics } from '../metrics/http.ts';

/** What the outbound side knows of an endpoint while it uses it. */
export interface EndpointInfo {
  readonly endpoint: Endpoint;
  /** One of a balancer's, rather than the only one of a forward. */
  readonly balanced: boolean;
  /** Spoken to with mutual TLS. */
  readonly meshed: boolean;
  /** HTTP/1 is carried over HTTP/2. */
  readonly upgrades: boolean;
  readonly metrics: HttpTargetMetrics;
  /** Its load, where failures weigh on it; null where they do not. */
  readonly penalties: PenalizedEwma | null;
}
