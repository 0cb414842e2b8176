import type { Authentication, Authorization, Meta, RateLimit, ServerPolicy } from '@weft/policy';
import { clipped, listed } from './listed.ts';

const maxPorts = 200;
const maxRoutes = 50;
const maxAuthorizations = 20;
const maxIdentities = 20;

/** A port with the policy that holds for it; `listed`: watched from the start and for ever. */
export interface PortInForce {
  readonly port: number;
  readonly listed: boolean;
  readonly policy: ServerPolicy;
}

/** Who may ask what of this pod's ports. */
export function describePorts(ports: Iterable<PortInForce>) {
  return listed(ports, maxPorts, ({ port, listed: always, policy }) => ({
    port,
    listed: always,
    server: nameOf(policy.meta),
    ...describeProtocol(policy),
    authorizations: listed(policy.authorizations, maxAuthorizations, describeAuthorization),
  }));
}

function describeProtocol({ protocol }: ServerPolicy) {
  switch (protocol.kind) {
    case 'opaque':
    case 'tls':
      return { protocol: protocol.kind };
    case 'invalid':
      return { protocol: protocol.kind, reason: clipped(protocol.reason) };
    default: {
      const rateLimit = 'rateLimit' in protocol ? protocol.rateLimit : null;
      return {
        protocol: protocol.kind,
        ...(protocol.kind === 'detect' ? { detectTimeoutMs: protocol.timeoutMs } : {}),
        routes: listed<{ meta: Meta; authorizations: readonly Authorization[] }, unknown>(
          protocol.routes.routes,
          maxRoutes,
          describeRoute,
        ),
        ...(rateLimit === null ? {} : { rateLimit: describeRateLimit(rateLimit) }),
      };
    }
  }
}

const describeRoute = (route: {
  readonly meta: Meta;
  readonly authorizations: readonly Authorization[];
}) => ({
  route: nameOf(route.meta),
  authorizations: listed(route.authorizations, maxAuthorizations, ({ meta }) => nameOf(meta)),
});

const describeRateLimit = ({ meta, total, identity, overrides }: RateLimit) => ({
  name: nameOf(meta),
  total,
  identity,
  overrides: overrides.size,
});

const describeAuthorization = ({ meta, audit, authentication }: Authorization) => ({
  name: nameOf(meta),
  audit,
  clients: describeClients(authentication),
});

function describeClients(authentication: Authentication) {
  switch (authentication.kind) {
    case 'unauthenticated':
      return 'any';
    case 'tls-unauthenticated':
      return 'any over mesh TLS';
    case 'tls-authenticated':
      return {
        identities: listed(authentication.identities, maxIdentities, clipped),
        suffixes: listed(authentication.suffixes, maxIdentities, clipped),
      };
  }
}

const nameOf = ({ kind, name }: Meta): string => clipped(`${kind}:${name}`);
