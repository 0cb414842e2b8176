import type { Authn, Authz, Network as NetworkMessage } from '@weft/proto/inbound';
import { decodeLabels, decodeMeta } from '../decode-meta.ts';
import { invalid } from '../invalid-policy.ts';
import { compileNetworks, type Network } from '../net/network-set.ts';
import { decodeNetwork } from '../net/proto.ts';
import type { Authentication, Authorization } from './authorization.ts';

const absent = { group: 'policy.linkerd.io', kind: 'serverauthorization' };

export function decodeAuthorization(message: Authz, field: string): Authorization {
  if (message.networks.length === 0) invalid(`${field}.networks`, 'is empty');
  const networks = message.networks.map((network, i) =>
    decodeWithExceptions(network, `${field}.networks[${i}]`),
  );
  const meta =
    message.metadata === undefined
      ? decodeLabels(message.labels, absent, `${field}.labels`)
      : decodeMeta(message.metadata, `${field}.metadata`);
  return {
    meta,
    audit: meta.kind === 'default' && meta.name === 'audit',
    networks: compileNetworks(networks),
    authentication: decodeAuthentication(message.authentication, `${field}.authentication`),
  };
}

function decodeWithExceptions(message: NetworkMessage, field: string): Network {
  const net = message.net && decodeNetwork(message.net);
  if (!net) return invalid(`${field}.net`, 'is not a network');
  const except = message.except.map(
    // An exception that cannot be read must not widen what is allowed.
    (part, i) => decodeNetwork(part) ?? invalid(`${field}.except[${i}]`, 'is not a network'),
  );
  return { net, except };
}

function decodeAuthentication(message: Authn | undefined, field: string): Authentication {
  const permit = message?.permit;
  if (permit?.case === 'unauthenticated') return { kind: 'unauthenticated' };
  if (permit?.case !== 'meshTLS') return invalid(field, 'is missing');
  const { clients } = permit.value;
  if (clients.case === 'unauthenticated') return { kind: 'tls-unauthenticated' };
  if (clients.case !== 'identities') return invalid(`${field}.meshTLS`, 'names no clients');
  return {
    kind: 'tls-authenticated',
    identities: new Set(clients.value.identities.map(({ name }) => name)),
    suffixes: clients.value.suffixes.map(({ parts }) => parts.map((part) => `.${part}`).join('')),
  };
}
