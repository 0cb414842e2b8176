import { BlockList, isIPv6 } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { type OutboundPolicy, OutboundPolicySchema } from '@weft/proto/outbound';
import { encodeDuration } from '../../wire/duration.ts';
import { defaultMetadata } from '../../wire/metadata.ts';
import { originalDestination } from './backend.ts';
import { httpRoute, opaqueRoute } from './default-routes.ts';
import { DETECT_TIMEOUT_MS } from './service-policy.ts';

const FALLBACK = 'egress-fallback';

const compiled = new WeakMap<readonly string[], BlockList>();

function listOf(networks: readonly string[]): BlockList {
  const known = compiled.get(networks);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const cidr of networks) {
    const [ip = '', prefix] = cidr.split('/');
    list.addSubnet(ip, Number(prefix), isIPv6(ip) ? 'ipv6' : 'ipv4');
  }
  compiled.set(networks, list);
  return list;
}

/** Whether an address is within one of the networks, which must be CIDRs. */
export function isWithin(networks: readonly string[], ip: string): boolean {
  return listOf(networks).check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}

/** For an address outside the cluster: whatever it speaks, it goes where it was going. */
export function egressFallbackPolicy(ip: string, port: number): OutboundPolicy {
  const backend = originalDestination(FALLBACK, ip, port);
  const http = { routes: [httpRoute(backend, { name: FALLBACK })] };
  return create(OutboundPolicySchema, {
    metadata: defaultMetadata(FALLBACK),
    protocol: {
      kind: {
        case: 'detect',
        value: {
          timeout: encodeDuration(DETECT_TIMEOUT_MS),
          opaque: { routes: [opaqueRoute(backend, FALLBACK)] },
          http1: http,
          http2: http,
        },
      },
    },
  });
}
