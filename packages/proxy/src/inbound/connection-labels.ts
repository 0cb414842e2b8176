import type { Authorization, ClientTls, Meta } from '@weft/policy';
import { RenderedLabels } from '../metrics/rendered-labels.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { authorizationLabels, labels, serverLabels, targetLabels, tlsLabels } from './labels.ts';

/** Rendered once for each policy, target and client, not for each connection. */
const rendered = new RenderedLabels();

/** The client's side of a connection. */
export function sourceLabels(server: Meta, target: SocketAddress, tls: ClientTls): string {
  return rendered.get(server, `source ${pathKey(target, tls)}`, () =>
    labels(
      [
        ['direction', 'inbound'],
        ['peer', 'src'],
      ],
      targetLabels(target),
      tlsLabels(tls),
      serverLabels(server, target.port),
    ),
  );
}

/** The application's side of a connection that is forwarded. */
export const applicationLabels = labels([
  ['direction', 'inbound'],
  ['peer', 'dst'],
  ['tls', 'no_identity'],
  ['no_tls_reason', 'loopback'],
]);

export function allowedLabels(
  server: Meta,
  target: SocketAddress,
  tls: ClientTls,
  authorization: Authorization,
): string {
  const { group, kind, name } = authorization.meta;
  return rendered.get(server, `allow ${group} ${kind} ${name} ${pathKey(target, tls)}`, () =>
    labels(
      targetLabels(target),
      serverLabels(server, target.port),
      authorizationLabels(authorization),
      tlsLabels(tls),
    ),
  );
}

/** What tells the labels of connections apart below one policy. */
function pathKey(target: SocketAddress, tls: ClientTls): string {
  const how = tls.kind === 'mutual' ? tls.id : tls.kind === 'opaque' ? tls.sni : tls.reason;
  return `${target.ip} ${target.port} ${tls.kind} ${how}`;
}
