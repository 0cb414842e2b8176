import type { MessageInitShape } from '@bufbuild/protobuf';
import { encodeTcpAddress } from '@weft/policy';
import type { UpdateSchema, WeightedAddrSchema } from '@weft/proto/destination';

export type UpdateInit = MessageInitShape<typeof UpdateSchema> & { readonly $typeName?: never };

/** `10.0.0.1:80`. */
export function tcpAddress(text: string) {
  const colon = text.lastIndexOf(':');
  const address = encodeTcpAddress(text.slice(0, colon), Number(text.slice(colon + 1)));
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

export function add(addresses: string[], setLabels: Record<string, string> = {}): UpdateInit {
  const addrs = addresses.map(
    (text): MessageInitShape<typeof WeightedAddrSchema> => ({ addr: tcpAddress(text) }),
  );
  return { update: { case: 'add', value: { addrs, metricLabels: setLabels } } };
}

export function remove(...addresses: string[]): UpdateInit {
  return { update: { case: 'remove', value: { addrs: addresses.map(tcpAddress) } } };
}

export function noEndpoints(exists: boolean): UpdateInit {
  return { update: { case: 'noEndpoints', value: { exists } } };
}
