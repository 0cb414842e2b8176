import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { MetadataSchema } from '@weft/proto/meta';
import { type BackendSchema, type OutboundPolicy, OutboundPolicySchema } from '@weft/proto/outbound';

const resource = (kind: string, name: string): MessageInitShape<typeof MetadataSchema> => ({
  kind: { case: 'resource', value: { group: 'core', kind, name, namespace: 'shop', port: 80 } },
});

const ms = (value: number) => ({ seconds: BigInt(Math.floor(value / 1000)), nanos: (value % 1000) * 1e6 });

/** What the policy service says of a service without routes: everything is balanced over `name:port`. */
export function toService(path: string): OutboundPolicy {
  const [name = ''] = path.split('.');
  const metadata = resource('Service', name);
  const backend: MessageInitShape<typeof BackendSchema> = {
    metadata,
    queue: { capacity: 100, failfastTimeout: ms(3000) },
    kind: {
      case: 'balancer',
      value: {
        discovery: { kind: { case: 'dst', value: { path } } },
        load: { case: 'peakEwma', value: { defaultRtt: ms(30), decay: ms(10_000) } },
      },
    },
  };
  const first = { kind: { case: 'firstAvailable' as const, value: { backends: [{ backend }] } } };
  const routes = [{ metadata: resource('HTTPRoute', name), rules: [{ backends: first }] }];
  const value = {
    timeout: ms(10_000),
    opaque: { routes },
    http1: { routes },
    http2: { routes },
  };
  return create(OutboundPolicySchema, { metadata, protocol: { kind: { case: 'detect', value } } });
}
