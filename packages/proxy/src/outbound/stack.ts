import { formatMeta } from '@weft/policy';
import type { Clock } from '../balance/balancer.ts';
import { balance, dispatch, type Through } from '../exchange/balanced-exchange.ts';
import { type Layer, Stack } from '../exchange/layer.ts';
import { LimitInFlight } from '../exchange/limit-in-flight.ts';
import { logDispatch, logOutcome } from '../exchange/log-requests.ts';
import { stripConnectionFields } from '../exchange/strip-hop-by-hop.ts';
import type { LogFields, Logger } from '../log/logger.ts';
import type { SpanLayers } from '../trace/span-layers.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { EndpointInfo } from './endpoint-info.ts';
import { countErrors } from './layers/count-errors.ts';
import { distribute, failBackend } from './layers/distribute.ts';
import { overrideAuthority, requireIdentity, upgradeOrigProto } from './layers/endpoint.ts';
import { endpointHealth } from './layers/endpoint-health.ts';
import { endpointMetrics } from './layers/endpoint-metrics.ts';
import { backendFilters, routeFilters } from './layers/filters.ts';
import { findTarget } from './layers/find-target.ts';
import { takePeerFields, takeRequiredId } from './layers/own-headers.ts';
import { attemptMetrics, profileMetrics } from './layers/profile-metrics.ts';
import { rescue, rescueEndpoint } from './layers/rescue.ts';
import { retry } from './layers/retry.ts';
import { findRoute } from './layers/route.ts';
import { backendMetrics, routeMetrics } from './layers/route-metrics.ts';
import { timeouts } from './layers/timeouts.ts';
import type { LogicalTargets } from './logical-targets.ts';
import type { OutboundMetrics } from './metrics.ts';
import type { OutboundExchange } from './outbound-exchange.ts';
import { keepFailure } from './retry/outbound-attempt.ts';

export interface OutboundStackOptions {
  readonly maxInFlight: number;
  /** Label route metrics with the host that was asked for. */
  readonly hostnameLabels: boolean;
  readonly metrics: OutboundMetrics;
  readonly log: Logger;
  readonly clock: Clock;
  /** Where requests say what they are for (ingress mode): the targets to choose from. */
  readonly targetsByRequest?: LogicalTargets;
  /** Sees every request on its way to an endpoint. */
  readonly through?: Through<OutboundExchange>;
  /** null: requests are not traced. */
  readonly spans?: SpanLayers | null;
}

/** What happens to a request of the application, in this order; to its response in reverse. */
export function outboundStack(options: OutboundStackOptions) {
  const { maxInFlight, metrics, log, spans, targetsByRequest } = options;
  return new Stack<OutboundExchange>([
    ...(spans ? [spans.server] : []),
    rescue,
    logOutcome(log, describeRequest),
    countErrors(metrics),
    new LimitInFlight(maxInFlight),
    stripConnectionFields,
    takeRequiredId,
    ...(targetsByRequest === undefined ? [] : [findTarget(targetsByRequest)]),
    ...routing(options),
  ]);
}

/** What happens to a request that came through the inbound side, which tells its client what goes wrong. */
export const outboundGatewayStack = (options: OutboundStackOptions) =>
  new Stack<OutboundExchange>([keepFailure, takeRequiredId, ...routing(options)]);

/** From a destination to an endpoint. */
function routing(options: OutboundStackOptions): Layer<OutboundExchange>[] {
  const { hostnameLabels, log, clock } = options;
  const now = () => clock.now();
  const random = () => clock.random();
  const attempt: Layer<OutboundExchange>[] = [
    attemptMetrics,
    routeFilters(random),
    distribute(random),
    backendMetrics(now),
    backendFilters(random),
    failBackend,
    balance<EndpointInfo>(now),
    requireIdentity,
    overrideAuthority,
    endpointMetrics(now),
    rescueEndpoint,
    takePeerFields,
    upgradeOrigProto,
    endpointHealth(now, Date.now),
    logDispatch(log, describeRequest),
    ...(options.spans ? [options.spans.client] : []),
    dispatch<EndpointInfo, OutboundExchange>(now, options.through),
  ];
  return [
    findRoute,
    routeMetrics(now, hostnameLabels),
    profileMetrics(now),
    timeouts(clock),
    retry(new Stack<OutboundExchange>([keepFailure, ...attempt]), clock),
    ...attempt,
  ];
}

/** What debug lines say of a request. */
function describeRequest(x: OutboundExchange): LogFields {
  const { backendMeta, connection, endpoint, routeMeta, target } = x;
  return {
    client: formatAddress(connection.peer),
    target: target?.name,
    route: routeMeta === null ? undefined : formatMeta(routeMeta),
    backend: backendMeta === null ? undefined : formatMeta(backendMeta),
    endpoint: endpoint === null ? undefined : formatAddress(endpoint.info.endpoint),
  };
}
