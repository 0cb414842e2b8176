import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { MetadataSchema } from '@weft/proto/meta';
import {
  type BackendSchema,
  type HttpRoute_RuleSchema,
  type OutboundPolicy as OutboundPolicyMessage,
  OutboundPolicySchema,
  type ProxyProtocolSchema,
} from '@weft/proto/outbound';

export type ProtocolInit = MessageInitShape<typeof ProxyProtocolSchema>;
export type RuleInit = MessageInitShape<typeof HttpRoute_RuleSchema> & { readonly $typeName?: never };
type BackendInit = MessageInitShape<typeof BackendSchema> & { readonly $typeName?: never };
type MetadataInit = MessageInitShape<typeof MetadataSchema>;

export function service(name: string): MetadataInit {
  const value = { group: 'core', kind: 'Service', namespace: 'shop', name, port: 80 };
  return { kind: { case: 'resource', value } };
}

export const ms = (value: number) => ({
  seconds: BigInt(Math.floor(value / 1000)),
  nanos: (value % 1000) * 1e6,
});

export function balancer(path: string, init: BackendInit = {}): BackendInit {
  const value = {
    discovery: { kind: { case: 'dst' as const, value: { path } } },
    load: { case: 'peakEwma' as const, value: { defaultRtt: ms(30), decay: ms(10_000) } },
  };
  const queue = { capacity: 100, failfastTimeout: ms(3000) };
  return { metadata: service('orders'), queue, kind: { case: 'balancer', value }, ...init };
}

/** One rule that leads to one backend. */
export function rule(
  init: RuleInit = {},
  backend: BackendInit = balancer('orders.shop.svc.cluster.local:80'),
): RuleInit {
  const value = { backends: [{ backend }] };
  return { backends: { kind: { case: 'firstAvailable', value } }, ...init };
}

export function http1(rules: RuleInit[], failureAccrual?: object): ProtocolInit {
  const routes = [{ metadata: service('route'), rules }];
  return { kind: { case: 'http1', value: { routes, ...(failureAccrual && { failureAccrual }) } } };
}

export function outbound(
  protocol: ProtocolInit,
  metadata: MetadataInit = service('orders'),
): OutboundPolicyMessage {
  return create(OutboundPolicySchema, { protocol, metadata });
}
