import type { Endpoint, Meta } from '@weft/policy';
import { type LabelPairs, renderLabels } from '../metrics/labels.ts';
import { RenderedLabels } from '../metrics/rendered-labels.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';

export function targetLabels(target: SocketAddress): LabelPairs {
  return [
    ['target_addr', formatAddress(target)],
    ['target_ip', target.ip],
    ['target_port', String(target.port)],
  ];
}

/** How the connection to the endpoint is secured; `isLocal`: the endpoint is this very pod. */
export function endpointTlsLabels(endpoint: Endpoint, isLocal: boolean): LabelPairs {
  if (endpoint.tls !== null && !isLocal) {
    return [
      ['tls', 'true'],
      ['server_id', endpoint.tls.serverId.name],
    ];
  }
  return [
    ['tls', 'no_identity'],
    ['no_tls_reason', isLocal ? 'loopback' : 'not_provided_by_service_discovery'],
  ];
}

/** `authority`: the service that was balanced over; null for a plain forward. */
export function endpointLabels(endpoint: Endpoint, authority: string | null, isLocal: boolean): LabelPairs {
  return [
    ...(authority === null ? [] : ([['authority', authority]] as const)),
    ...targetLabels(endpoint),
    ...endpointTlsLabels(endpoint, isLocal),
    ...endpoint.labels,
  ];
}

function metaLabels(prefix: string, meta: Meta): LabelPairs {
  return [
    [`${prefix}_group`, meta.group],
    [`${prefix}_kind`, meta.kind],
    [`${prefix}_namespace`, meta.namespace],
    [`${prefix}_name`, meta.name],
  ];
}

function metaWithPort(prefix: string, meta: Meta): LabelPairs {
  return [
    ...metaLabels(prefix, meta),
    [`${prefix}_port`, meta.port === 0 ? '' : String(meta.port)],
    [`${prefix}_section_name`, meta.section],
  ];
}

const rendered = new RenderedLabels();

export const parentLabels = (meta: Meta): LabelPairs => metaWithPort('parent', meta);
/** `parentLabels`, rendered. */
export const parentText = (meta: Meta): string =>
  rendered.get(meta, 'parent', () => renderLabels(parentLabels(meta)));
export const routeLabels = (meta: Meta): LabelPairs => metaLabels('route', meta);
export const backendLabels = (meta: Meta): LabelPairs => metaWithPort('backend', meta);
