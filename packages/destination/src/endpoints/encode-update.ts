import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { UpdateSchema, WeightedAddrSetSchema } from '@weft/proto/destination';
import { encodeIp } from '../wire/ip-address.ts';
import { diffEndpoints, type EncodedEndpoint, type EndpointSet } from './endpoint-set.ts';

/** Field numbers of `Update` and `WeightedAddrSet`. */
const UPDATE_ADD = 1;
const SET_ADDRS = 1;

/** `Update{add}`, put together from endpoints that are encoded already. */
function encodeAdd(endpoints: Iterable<EncodedEndpoint>, labels: EndpointSet['labels']): Uint8Array {
  const set = new BinaryWriter();
  for (const { bytes } of endpoints) set.tag(SET_ADDRS, WireType.LengthDelimited).bytes(bytes);
  set.raw(toBinary(WeightedAddrSetSchema, create(WeightedAddrSetSchema, { metricLabels: { ...labels } })));
  return new BinaryWriter().tag(UPDATE_ADD, WireType.LengthDelimited).bytes(set.finish()).finish();
}

function encodeRemove(endpoints: readonly EncodedEndpoint[]): Uint8Array {
  const addrs = endpoints.map(({ ip, port }) => ({ ip: encodeIp(ip) ?? {}, port }));
  return toBinary(UpdateSchema, create(UpdateSchema, { update: { case: 'remove', value: { addrs } } }));
}

function encodeNoEndpoints(exists: boolean): Uint8Array {
  return toBinary(UpdateSchema, create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists } } }));
}

/**
 * The updates that bring a client from one set to another: at first everything in one `add`, or at once the
 * word that there is nothing, since a client waits for its first message; then what was added or changed
 * before what was removed, so that it is never without endpoints in between.
 */
export function encodeTransition(from: EndpointSet | undefined, to: EndpointSet): readonly Uint8Array[] {
  if (from === undefined)
    return [
      to.endpoints.size > 0 ? encodeAdd(to.endpoints.values(), to.labels) : encodeNoEndpoints(to.exists),
    ];
  const { added, removed } = diffEndpoints(from, to);
  const messages: Uint8Array[] = [];
  if (added.length > 0) messages.push(encodeAdd(added, to.labels));
  if (removed.length > 0) messages.push(encodeRemove(removed));
  if (messages.length === 0 && from.exists !== to.exists) messages.push(encodeNoEndpoints(to.exists));
  return messages;
}
