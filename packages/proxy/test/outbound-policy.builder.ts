import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { encodeTcpAddress } from '@weft/policy';
import type { WeightedAddrSchema } from '@weft/proto/destination';
import type { MetadataSchema } from '@weft/proto/meta';
import {
  type BackendSchema,
  type FailureAccrualSchema,
  type GrpcRoute_RuleSchema,
  type HttpRoute_RuleSchema,
  type OpaqueRouteSchema,
  type OutboundPolicy,
  OutboundPolicySchema,
  type ProxyProtocolSchema,
  type TlsRouteSchema,
} from '@weft/proto/outbound';

/** The fields of a message, to be spread. */
type Fields<T> = Omit<T, '$typeName' | '$unknown'>;

export type BackendInit = MessageInitShape<typeof BackendSchema>;
export type HttpRuleInit = Fields<MessageInitShape<typeof HttpRoute_RuleSchema>>;
export type GrpcRuleInit = Fields<MessageInitShape<typeof GrpcRoute_RuleSchema>>;
export type AccrualInit = MessageInitShape<typeof FailureAccrualSchema>;

export const resource = (kind: string, name: string): MessageInitShape<typeof MetadataSchema> => ({
  kind: { case: 'resource', value: { group: 'core', kind, name, namespace: 'shop', port: 80 } },
});

export const ms = (value: number) => ({
  seconds: BigInt(Math.floor(value / 1000)),
  nanos: (value % 1000) * 1e6,
});

const queue = { capacity: 100, failfastTimeout: ms(3000) };

/** Balances over what `path` (`name:port`) resolves to; `penaltyMs`: what a failure weighs. */
export function balanced(path: string, penaltyMs?: number): BackendInit {
  const [name = ''] = path.split('.');
  const common = { defaultRtt: ms(30), decay: ms(10_000) };
  const load =
    penaltyMs === undefined
      ? { case: 'peakEwma' as const, value: common }
      : { case: 'penaltyPeakEwma' as const, value: { ...common, penalty: ms(penaltyMs) } };
  return {
    metadata: resource('Service', name),
    queue,
    kind: { case: 'balancer', value: { discovery: { kind: { case: 'dst', value: { path } } }, load } },
  };
}

/** One endpoint, whatever discovery says. */
export const forward = (addr: MessageInitShape<typeof WeightedAddrSchema>): BackendInit => ({
  metadata: resource('EgressNetwork', 'internet'),
  queue,
  kind: { case: 'forward', value: addr },
});

export function address(ip: string, port: number): MessageInitShape<typeof WeightedAddrSchema> {
  const addr = encodeTcpAddress(ip, port);
  if (addr === null) throw new Error(`not an address: ${ip}:${port}`);
  return { addr };
}

/** What the controller says of a Service that is not there. */
export const missing = (name: string): BackendInit => ({ metadata: resource('Service', name), queue });

export const first = (...backends: BackendInit[]) => ({
  kind: { case: 'firstAvailable' as const, value: { backends: backends.map((backend) => ({ backend })) } },
});

export const split = (...backends: [backend: BackendInit, weight: number][]) => ({
  kind: {
    case: 'randomAvailable' as const,
    value: { backends: backends.map(([backend, weight]) => ({ backend: { backend }, weight })) },
  },
});

export const pathPrefix = (prefix: string) => ({
  matches: [{ path: { kind: { case: 'prefix' as const, value: prefix } } }],
});

/** So many failures in a row, and how long an endpoint is left alone then. */
export const consecutive = (maxFailures: number, minMs: number, maxMs = 60_000): AccrualInit => ({
  kind: {
    case: 'consecutiveFailures',
    value: { maxFailures, backoff: { minBackoff: ms(minMs), maxBackoff: ms(maxMs) } },
  },
});

function policyOf(name: string, protocol: MessageInitShape<typeof ProxyProtocolSchema>): OutboundPolicy {
  return create(OutboundPolicySchema, { metadata: resource('Service', name), protocol });
}

/** HTTP of both versions by these rules, found by detection; what is not HTTP goes to the first backend's. */
export function httpPolicy(
  name: string,
  rules: readonly HttpRuleInit[],
  failureAccrual?: AccrualInit,
): OutboundPolicy {
  const routes = [{ metadata: resource('HTTPRoute', `${name}-route`), rules: [...rules] }];
  const http = { routes, ...(failureAccrual === undefined ? {} : { failureAccrual }) };
  const value = { timeout: ms(10_000), opaque: {}, http1: http, http2: http };
  return policyOf(name, { kind: { case: 'detect', value } });
}

export function grpcPolicy(name: string, rules: readonly GrpcRuleInit[], failureAccrual?: AccrualInit) {
  const routes = [{ metadata: resource('GRPCRoute', `${name}-route`), rules: [...rules] }];
  const value = { routes, ...(failureAccrual === undefined ? {} : { failureAccrual }) };
  return policyOf(name, { kind: { case: 'grpc', value } });
}

export const opaquePolicy = (name: string, ...routes: MessageInitShape<typeof OpaqueRouteSchema>[]) =>
  policyOf(name, { kind: { case: 'opaque', value: { routes } } });

export const tlsPolicy = (name: string, ...routes: MessageInitShape<typeof TlsRouteSchema>[]) =>
  policyOf(name, { kind: { case: 'tls', value: { routes } } });

/** What the policy service says of a service without routes: everything is balanced over `name:port`. */
export function toService(path: string): OutboundPolicy {
  const [name = ''] = path.split('.');
  const routes = [{ metadata: resource('HTTPRoute', name), rules: [{ backends: first(balanced(path)) }] }];
  const value = {
    timeout: ms(10_000),
    opaque: { routes },
    http1: { routes },
    http2: { routes },
  };
  return policyOf(name, { kind: { case: 'detect', value } });
}
