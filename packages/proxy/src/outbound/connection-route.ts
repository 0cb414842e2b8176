import type { Meta, OpaqueRoute } from '@weft/policy';
import { type LabelPairs, renderLabels } from '../metrics/labels.ts';
import { RenderedLabels } from '../metrics/rendered-labels.ts';
import type { TcpBackendProtocol } from './backends.ts';
import type { ConnectionCounts } from './connection-metrics.ts';
import { parentLabels, routeLabels } from './labels.ts';
import type { OutboundMetrics } from './metrics.ts';

/** The route of a connection that is not taken apart. */
export interface ConnectionRoute {
  readonly parent: Meta;
  readonly route: OpaqueRoute;
  readonly protocol: TcpBackendProtocol;
  /** What the metrics of such routes say about the destination. */
  readonly where: LabelPairs;
}

/** A route belongs to one parent. */
const rendered = new RenderedLabels();

export function connectionCounts(
  { tcpRoute, tlsRoute }: OutboundMetrics,
  { parent, route, protocol, where }: ConnectionRoute,
): ConnectionCounts {
  const families = protocol === 'tls' ? tlsRoute : tcpRoute;
  const key = where.map(([, value]) => value).join(' ');
  const render = () => renderLabels([...parentLabels(parent), ...routeLabels(route.meta), ...where]);
  return families.route(rendered.get(route, key, render));
}
