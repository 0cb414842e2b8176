import { defaultMeta } from '../meta.ts';
import { type Cidr, parseCidr } from '../net/cidr.ts';
import { compileNetworks } from '../net/network-set.ts';
import { compileGrpcRoutes } from '../route/match-grpc.ts';
import { compileHttpRoutes } from '../route/match-http.ts';
import type { Authentication, Authorization } from './authorization.ts';
import type { InboundGrpcRoutes, InboundHttpRoutes, ServerPolicy, ServerProtocol } from './server-policy.ts';

/** The words of `LINKERD2_PROXY_INBOUND_DEFAULT_POLICY`. */
export const defaultPolicyWords = [
  'deny',
  'all-authenticated',
  'all-unauthenticated',
  'cluster-authenticated',
  'cluster-unauthenticated',
  'audit',
] as const;

export type DefaultPolicyWord = (typeof defaultPolicyWords)[number];

export interface DefaultPolicyOptions {
  /** For the `cluster-…` policies. */
  readonly clusterNetworks: readonly Cidr[];
  readonly detectTimeoutMs: number;
  /** The port is on the list of those whose protocol is not to be detected. */
  readonly opaque: boolean;
}

const everywhere = [parseCidr('0.0.0.0/0')!, parseCidr('::/0')!];
const unauthenticated: Authentication = { kind: 'unauthenticated' };
const anyIdentity: Authentication = { kind: 'tls-authenticated', identities: new Set(), suffixes: [''] };

/** What holds for a port until the control plane has spoken. */
export function defaultServerPolicy(word: DefaultPolicyWord, options: DefaultPolicyOptions): ServerPolicy {
  const meta = defaultMeta(word);
  if (word === 'deny') return { meta, protocol: { kind: 'opaque' }, authorizations: [] };

  const networks = word.startsWith('cluster-') ? options.clusterNetworks : everywhere;
  const authorization: Authorization = {
    meta,
    audit: word === 'audit',
    networks: compileNetworks(networks.map((net) => ({ net, except: [] }))),
    authentication: word.endsWith('-authenticated') ? anyIdentity : unauthenticated,
  };
  const authorizations = [authorization];
  return { meta, protocol: defaultProtocol(options, authorizations), authorizations };
}

/** The one route of a port that was sent none: every request, under the server's authorizations. */
export function defaultHttpRoutes(authorizations: readonly Authorization[]): InboundHttpRoutes {
  const rules = [{ matches: [], filters: [] }];
  return compileHttpRoutes([{ meta: defaultMeta('default'), hosts: [], authorizations, rules }]);
}

/** As above, for a gRPC server. */
export function defaultGrpcRoutes(authorizations: readonly Authorization[]): InboundGrpcRoutes {
  const rules = [{ matches: [], filters: [] }];
  return compileGrpcRoutes([{ meta: defaultMeta('default'), hosts: [], authorizations, rules }]);
}

/** A pod may always talk to itself over loopback. */
export const localhostAuthorization: Authorization = {
  meta: defaultMeta('localhost'),
  audit: false,
  networks: compileNetworks(['127.0.0.1', '::1'].map((ip) => ({ net: parseCidr(ip)!, except: [] }))),
  authentication: unauthenticated,
};

/** What a policy that cannot be understood turns into. */
export function invalidServerPolicy(reason: string): ServerPolicy {
  return { meta: defaultMeta('invalid'), protocol: { kind: 'invalid', reason }, authorizations: [] };
}

function defaultProtocol(
  options: DefaultPolicyOptions,
  authorizations: readonly Authorization[],
): ServerProtocol {
  if (options.opaque) return { kind: 'opaque' };
  const routes = defaultHttpRoutes(authorizations);
  return { kind: 'detect', timeoutMs: options.detectTimeoutMs, routes, rateLimit: null };
}
