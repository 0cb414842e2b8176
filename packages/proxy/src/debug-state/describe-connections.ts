import { parseLabels } from '../metrics/labels.ts';
import type { OpenConnection } from '../transport/open-connections.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { clipped, listed, seconds } from './listed.ts';

const maxConnections = 1000;

/** Every open connection, with why it is encrypted or not; `now`: monotonic milliseconds. */
export function describeConnections(connections: Iterable<OpenConnection>, now: number) {
  return listed(connections, maxConnections, ({ connection, labels, since }) => {
    const pairs = parseLabels(labels);
    const {
      tls,
      no_tls_reason: _reason,
      ...about
    } = Object.fromEntries(pairs.map(([name, value]) => [name, clipped(value)]));
    return {
      peer: formatAddress(connection.peer),
      local: formatAddress(connection.local),
      encrypted: tls === 'true' || tls === 'opaque',
      why: whyEncrypted(new Map(pairs)),
      ageSeconds: seconds(now - since),
      bytesRead: connection.bytesRead,
      bytesWritten: connection.bytesWritten,
      labels: about,
    };
  });
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['loopback', 'not encrypted: it does not leave the pod'],
  ['port_skipped', 'not encrypted: the policy of the port is opaque, so TLS is not looked for'],
  ['no_tls_from_remote', 'not encrypted: the client did not open with mesh TLS'],
  ['not_provided_by_service_discovery', 'not encrypted: discovery names no identity for the endpoint'],
]);

/** By the labels of its metrics. */
export function whyEncrypted(labels: ReadonlyMap<string, string>): string {
  switch (labels.get('tls')) {
    case 'true': {
      const server = labels.get('server_id');
      if (server !== undefined) return `mutual TLS: the server proved to be ${clipped(server)}`;
      const client = labels.get('client_id') ?? '';
      return client === ''
        ? 'mesh TLS: the client showed no certificate'
        : `mutual TLS: the client proved to be ${clipped(client)}`;
    }
    case 'opaque':
      return `TLS of the application for ${clipped(labels.get('sni') ?? '')}, passed through unread`;
    default: {
      const reason = labels.get('no_tls_reason') ?? 'unknown';
      return reasons.get(reason) ?? `not encrypted: ${clipped(reason)}`;
    }
  }
}
