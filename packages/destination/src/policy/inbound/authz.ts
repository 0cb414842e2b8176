import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PolicyNetwork } from '@weft/kubernetes';
import type {
  Authn_PermitMeshTLS_PermitClientIdentitiesSchema,
  AuthnSchema,
  AuthzSchema,
  NetworkSchema,
} from '@weft/proto/inbound';
import { encodeNetwork } from '../../wire/ip-address.ts';
import { defaultMetadata, resourceMetadata } from '../../wire/metadata.ts';

export type AuthzInit = MessageInitShape<typeof AuthzSchema>;
export type AuthnInit = MessageInitShape<typeof AuthnSchema>;
export type NetworkInit = MessageInitShape<typeof NetworkSchema>;
export type ClientIdentitiesInit = MessageInitShape<typeof Authn_PermitMeshTLS_PermitClientIdentitiesSchema>;

export const POLICY_GROUP = 'policy.linkerd.io';

/** The given CIDRs; texts that are none are left out. */
export function networks(cidrs: readonly string[]): readonly NetworkInit[] {
  return cidrs.flatMap((cidr) => {
    const net = encodeNetwork(cidr);
    return net === undefined ? [] : [{ net }];
  });
}

export const allNetworks = networks(['0.0.0.0/0', '::/0']);

/** Networks as policies write them. An exception that is no CIDR cuts out the whole network, to be on the safe side. */
export function policyNetworks(written: readonly PolicyNetwork[]): readonly NetworkInit[] {
  return written.flatMap(({ cidr, except }) => {
    const net = encodeNetwork(cidr);
    const exceptions = except.map(encodeNetwork);
    if (net === undefined || exceptions.includes(undefined)) return [];
    return [{ net, except: exceptions.filter((exception) => exception !== undefined) }];
  });
}

export const anyClient: AuthnInit = { permit: { case: 'unauthenticated', value: {} } };

/** Clients with one of these identities, over mesh TLS. */
export function meshClients(identities: ClientIdentitiesInit): AuthnInit {
  return { permit: { case: 'meshTLS', value: { clients: { case: 'identities', value: identities } } } };
}

/** Clients with any identity of the mesh: a suffix of no parts ends every name. */
export const anyMeshClient: AuthnInit = meshClients({ suffixes: [{ parts: [] }] });

/** Clients over mesh TLS, with an identity or without. */
export const anyTlsClient: AuthnInit = {
  permit: { case: 'meshTLS', value: { clients: { case: 'unauthenticated', value: {} } } },
};

/** Which identities a list of names stands for: exact ones, `*.suffix`, or `*` for all. */
export function identityList(names: readonly string[]): ClientIdentitiesInit {
  const isSuffix = (name: string) => name === '*' || name.startsWith('*.');
  return {
    identities: names.filter((name) => !isSuffix(name)).map((name) => ({ name })),
    suffixes: names.filter(isSuffix).map((name) => ({ parts: name === '*' ? [] : name.slice(2).split('.') })),
  };
}

/** What an authorization comes from. */
export type AuthzOrigin =
  | { readonly type: 'default'; readonly name: string }
  | {
      readonly type: 'resource';
      readonly kind: 'authorizationpolicy' | 'serverauthorization';
      readonly name: string;
    };

/** One way to be let in. Proxies need the `name` label. */
export function authorization(
  origin: AuthzOrigin,
  from: readonly NetworkInit[],
  authentication: AuthnInit,
): AuthzInit {
  const { name } = origin;
  const networkList = [...from];
  return origin.type === 'default'
    ? {
        networks: networkList,
        authentication,
        labels: { group: '', kind: 'default', name },
        metadata: defaultMetadata(name),
      }
    : {
        networks: networkList,
        authentication,
        labels: { group: POLICY_GROUP, kind: origin.kind, name },
        metadata: resourceMetadata({ group: POLICY_GROUP, kind: origin.kind, name }),
      };
}
