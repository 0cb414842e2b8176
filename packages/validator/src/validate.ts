import type { z } from 'zod';
import { authorizationPolicySpec } from './policy/authorization-policy.ts';
import { egressNetworkSpec } from './policy/egress-network.ts';
import { meshTlsAuthenticationSpec } from './policy/mesh-tls-authentication.ts';
import { networkAuthenticationSpec } from './policy/network-authentication.ts';
import { rateLimitPolicySpec } from './policy/rate-limit-policy.ts';
import { serverSpec } from './policy/server.ts';
import { serverAuthorizationSpec } from './policy/server-authorization.ts';
import { type Problem, problemOf } from './problem.ts';
import { serviceProfile } from './profile/service-profile.ts';
import { withSpec } from './with-spec.ts';
import { withoutNulls } from './without-nulls.ts';

/** What an object of a kind must be, given its namespace. */
type SchemaOf = (namespace: string) => z.ZodType;

const schemas: ReadonlyMap<string, SchemaOf> = new Map<string, SchemaOf>([
  ['policy.linkerd.io/server', () => withSpec(serverSpec)],
  ['policy.linkerd.io/authorizationpolicy', (namespace) => withSpec(authorizationPolicySpec(namespace))],
  ['policy.linkerd.io/meshtlsauthentication', () => withSpec(meshTlsAuthenticationSpec)],
  ['policy.linkerd.io/networkauthentication', () => withSpec(networkAuthenticationSpec)],
  ['policy.linkerd.io/serverauthorization', () => withSpec(serverAuthorizationSpec)],
  ['policy.linkerd.io/httplocalratelimitpolicy', () => withSpec(rateLimitPolicySpec)],
  ['policy.linkerd.io/egressnetwork', () => withSpec(egressNetworkSpec)],
  ['linkerd.io/serviceprofile', () => serviceProfile],
]);

export type Validation =
  | { readonly type: 'valid' }
  | { readonly type: 'invalid'; readonly problems: readonly [Problem, ...Problem[]] }
  /** A kind that nothing is known about. */
  | { readonly type: 'unknown_kind' };

export interface Subject {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** Checks an object of the mesh's own kinds, whichever of its versions it is written in. Pure. */
export function validate({ group, kind, namespace }: Subject, object: unknown): Validation {
  const schema = schemas.get(`${group}/${kind}`.toLowerCase());
  if (schema === undefined) return { type: 'unknown_kind' };
  const cleaned = withoutNulls(object);
  const parsed = schema(namespace).safeParse(cleaned);
  if (parsed.success) return { type: 'valid' };
  const [first, ...others] = parsed.error.issues.map((issue) => problemOf(cleaned, issue));
  return { type: 'invalid', problems: [first!, ...others] };
}
