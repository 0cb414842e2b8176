import type { Authorization, ClientTls, Meta } from '@weft/policy';
import { type LabelPairs, renderLabels } from '../metrics/labels.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import type { TransportHeader } from '../transport-header/header.ts';

export function targetLabels(target: SocketAddress): LabelPairs {
  return [
    ['target_addr', formatAddress(target)],
    ['target_ip', target.ip],
    ['target_port', String(target.port)],
  ];
}

/** How the client's side of the connection is secured. */
export function tlsLabels(tls: ClientTls): LabelPairs {
  switch (tls.kind) {
    case 'mutual':
      return [
        ['tls', 'true'],
        ['client_id', tls.id ?? ''],
      ];
    case 'opaque':
      return [
        ['tls', 'opaque'],
        ['sni', tls.sni],
      ];
    case 'none':
      return [
        ['tls', 'no_identity'],
        ['no_tls_reason', tls.reason],
      ];
  }
}

export function serverLabels(meta: Meta, port: number): LabelPairs {
  return [
    ['srv_group', meta.group],
    ['srv_kind', meta.kind],
    ['srv_name', meta.name],
    ['srv_port', String(port)],
  ];
}

export function routeLabels(meta: Meta): LabelPairs {
  return [
    ['route_group', meta.group],
    ['route_kind', meta.kind],
    ['route_name', meta.name],
  ];
}

export function authorizationLabels({ meta }: Authorization): LabelPairs {
  return [
    ['authz_group', meta.group],
    ['authz_kind', meta.kind],
    ['authz_name', meta.name],
  ];
}

/** The server as the parent of its routes, in the registry families. */
export function parentLabels(server: Meta, port: number, route: Meta): LabelPairs {
  return [
    ['parent_group', server.group],
    ['parent_kind', server.kind],
    ['parent_name', server.name],
    ['parent_port', String(port)],
    ...routeLabels(route),
  ];
}

/** A direct connection, by what its transport header says. */
export function headerLabels(header: TransportHeader, clientId: string): string {
  return renderLabels([
    ['session_protocol', header.session ?? ''],
    ['target_port', String(header.port)],
    ['target_name', header.name ?? ''],
    ['client_id', clientId],
  ]);
}

export const labels = (...lists: LabelPairs[]): string => renderLabels(lists.flat());
