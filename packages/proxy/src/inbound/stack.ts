import type { MakeBucket } from '@weft/policy';
import { balance, dispatch, type Through } from '../exchange/balanced-exchange.ts';
import { type Layer, Stack } from '../exchange/layer.ts';
import { LimitInFlight } from '../exchange/limit-in-flight.ts';
import { logDispatch, logOutcome } from '../exchange/log-requests.ts';
import { stripConnectionFields } from '../exchange/strip-hop-by-hop.ts';
import type { RequestListener } from '../http/stream.ts';
import type { LogFields, Logger } from '../log/logger.ts';
import { LocalClient } from '../server/local-client.ts';
import type { SpanLayers } from '../trace/span-layers.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { InboundExchange } from './inbound-exchange.ts';
import { type AccessLog, logAccess } from './layers/access-log.ts';
import { Authorize } from './layers/authorize.ts';
import { setClientId } from './layers/client-id.ts';
import { countErrors } from './layers/count-errors.ts';
import { endpointMetrics } from './layers/endpoint-metrics.ts';
import { applyFilters } from './layers/filters.ts';
import { leadThrough } from './layers/gateway.ts';
import { chooseLocalTarget } from './layers/local-target.ts';
import { restoreOrigProto } from './layers/orig-proto.ts';
import { profileRoute } from './layers/profile-route.ts';
import { LimitRate } from './layers/rate-limit.ts';
import { rescue, rescueApplication } from './layers/rescue.ts';
import { findRoute } from './layers/route.ts';
import { routeMetrics } from './layers/route-metrics.ts';
import type { LocalTarget } from './local-targets.ts';
import type { InboundMetrics } from './metrics.ts';

export interface InboundStackOptions {
  readonly maxInFlight: number;
  /** Label request metrics with the authority. */
  readonly authorityLabels: boolean;
  readonly metrics: InboundMetrics;
  readonly log: Logger;
  readonly accessLog?: AccessLog | null;
  /** null: requests are not traced. */
  readonly spans?: SpanLayers | null;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  /** Buckets of rate limits that threads share; null where there is one thread. */
  readonly buckets?: MakeBucket | null;
}

/** What happens to a request from the mesh, in this order; to its response in reverse. */
export function inboundStack(
  options: InboundStackOptions,
  destination: readonly Layer<InboundExchange>[],
): Stack<InboundExchange> {
  const { log, now } = options;
  return new Stack<InboundExchange>([
    ...admission(options),
    profileRoute(now),
    endpointMetrics(now),
    rescueApplication,
    logDispatch(log, describeRequest),
    ...destination,
  ]);
}

/** What happens to a request from the mesh for another service. `localId`: this proxy's identity. */
export function inboundGatewayStack(options: InboundStackOptions, localId: string): Stack<InboundExchange> {
  const { log, now } = options;
  return new Stack<InboundExchange>([
    ...admission(options),
    logDispatch(log, describeRequest),
    leadThrough(localId, now),
  ]);
}

/** Whether, and as what, a request is let in. */
function admission({
  maxInFlight,
  authorityLabels,
  metrics,
  log,
  accessLog,
  spans,
  now,
  random,
  buckets = null,
}: InboundStackOptions): Layer<InboundExchange>[] {
  return [
    ...(accessLog ? [logAccess(accessLog, now)] : []),
    ...(spans ? [spans.server] : []),
    rescue,
    logOutcome(log, describeRequest),
    countErrors,
    new LimitInFlight(maxInFlight),
    restoreOrigProto,
    stripConnectionFields,
    setClientId,
    findRoute,
    new Authorize(log, authorityLabels),
    applyFilters(random),
    new LimitRate(metrics, now, buckets),
    routeMetrics(now),
  ];
}

/** The end of the stack for requests to the pod's applications. */
export function toLocalTarget(
  now: () => number,
  through?: Through<InboundExchange>,
  spans: SpanLayers | null = null,
): Layer<InboundExchange>[] {
  return [
    chooseLocalTarget,
    balance<LocalTarget>(now),
    ...(spans ? [spans.client] : []),
    dispatch<LocalTarget, InboundExchange>(now, through),
  ];
}

/** The end of the stack for requests to a server inside the proxy. */
export function toListener(
  listen: (peer: SocketAddress) => RequestListener,
  now: () => number,
): Layer<InboundExchange>[] {
  return [
    {
      name: 'in-process',
      onRequest: (x) => x.dispatch(new LocalClient(listen(x.connection.peer)), now()),
    },
  ];
}

/** What debug lines say of a request. */
function describeRequest({ connection, policy, route }: InboundExchange): LogFields {
  const { tls } = connection.client;
  return {
    client: formatAddress(connection.peer),
    client_id: tls.kind === 'mutual' ? (tls.id ?? undefined) : undefined,
    target: formatAddress(connection.target),
    server: policy.meta.name,
    route: route?.meta.name,
  };
}
