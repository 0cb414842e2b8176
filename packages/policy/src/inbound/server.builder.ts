import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import type { AuthnSchema, AuthzSchema, NetworkSchema, ProxyProtocolSchema } from '@weft/proto/inbound';
import { type Server, ServerSchema } from '@weft/proto/inbound';
import type { IPNetworkSchema } from '@weft/proto/net';
import { parseCidr } from '../net/cidr.ts';

/** Fields alone, not a whole message: only those can be spread. */
type Fields<Desc extends DescMessage> = MessageInitShape<Desc> & { readonly $typeName?: never };
export type ServerFields = Fields<typeof ServerSchema>;
type AuthzInit = Fields<typeof AuthzSchema>;

export function network(cidr: string, ...except: string[]): MessageInitShape<typeof NetworkSchema> {
  return { net: ipNetwork(cidr), except: except.map(ipNetwork) };
}

export const everywhere = [network('0.0.0.0/0'), network('::/0')];

export const unauthenticated = {
  permit: { case: 'unauthenticated', value: {} },
} satisfies MessageInitShape<typeof AuthnSchema>;

export const anyMeshTls = {
  permit: { case: 'meshTLS', value: { clients: { case: 'unauthenticated', value: {} } } },
} satisfies MessageInitShape<typeof AuthnSchema>;

/** `*` any DNS identity, `*.a.b` a suffix, anything else exactly that. */
export function identities(...names: string[]): MessageInitShape<typeof AuthnSchema> {
  const isSuffix = (name: string) => name.startsWith('*');
  const value = {
    identities: names.filter((name) => !isSuffix(name)).map((name) => ({ name })),
    suffixes: names.filter(isSuffix).map((name) => ({ parts: name.split('.').slice(1) })),
  };
  return { permit: { case: 'meshTLS', value: { clients: { case: 'identities', value } } } };
}

export function authz(name: string, init: AuthzInit = {}): AuthzInit {
  const labels = { group: 'policy.linkerd.io', kind: 'authorizationpolicy', name };
  return { networks: everywhere, authentication: unauthenticated, labels, ...init };
}

export const detect = {
  kind: { case: 'detect', value: { timeout: { seconds: 10n } } },
} satisfies MessageInitShape<typeof ProxyProtocolSchema>;

export function server(init: ServerFields = {}): Server {
  const labels = { group: 'policy.linkerd.io', kind: 'server', name: 'web' };
  return create(ServerSchema, { labels, protocol: detect, authorizations: [authz('all')], ...init });
}

function ipNetwork(text: string): MessageInitShape<typeof IPNetworkSchema> {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`not a network: ${text}`);
  const [a = 0, b = 0, c = 0, d = 0] = cidr.words.map(BigInt) as bigint[] as unknown as number[];
  if (cidr.family === 4)
    return { ip: { ip: { case: 'ipv4', value: Number(a) } }, prefixLen: cidr.prefixLength };
  const value = {
    first: (BigInt(a) << 32n) | BigInt(b),
    last: (BigInt(c) << 32n) | BigInt(d),
  };
  return { ip: { ip: { case: 'ipv6', value } }, prefixLen: cidr.prefixLength };
}
