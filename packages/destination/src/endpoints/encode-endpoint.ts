import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type WeightedAddr, WeightedAddrSchema } from '@weft/proto/destination';
import type { MeshConfig } from '../mesh-config.ts';
import { encodeIp } from '../wire/ip-address.ts';
import type { EndpointFacts, HintFacts, TlsFacts } from './facts.ts';

type Init = MessageInitShape<typeof WeightedAddrSchema>;

function encodeTls(tls: TlsFacts): NonNullable<Init['tlsIdentity']> {
  const serverName = tls.serverName === undefined ? {} : { serverName: { name: tls.serverName } };
  return tls.type === 'dns'
    ? { strategy: { case: 'dnsLikeIdentity', value: { name: tls.name } }, ...serverName }
    : { strategy: { case: 'uriLikeIdentity', value: { uri: tls.uri } }, ...serverName };
}

function encodeHint({ protocol, inboundPort }: HintFacts): NonNullable<Init['protocolHint']> {
  const transport = inboundPort === undefined ? {} : { opaqueTransport: { inboundPort } };
  return protocol === 'unknown' ? transport : { protocol: { case: protocol, value: {} }, ...transport };
}

/** An endpoint as the wire has it. The address must be one. */
export function endpointMessage(config: MeshConfig, facts: EndpointFacts): WeightedAddr {
  const ip = encodeIp(facts.ip);
  const init: Init = {
    addr: { port: facts.port, ...(ip === undefined ? {} : { ip }) },
    weight: facts.weight,
    metricLabels: { ...facts.labels },
  };
  if (facts.tls !== undefined) init.tlsIdentity = encodeTls(facts.tls);
  if (facts.hint !== undefined) init.protocolHint = encodeHint(facts.hint);
  if (facts.authorityOverride !== undefined)
    init.authorityOverride = { authorityOverride: facts.authorityOverride };
  if (facts.http2 && config.meshedHttp2 !== undefined) init.http2 = config.meshedHttp2;
  return create(WeightedAddrSchema, init);
}

export function encodeEndpoint(config: MeshConfig, facts: EndpointFacts): Uint8Array {
  return toBinary(WeightedAddrSchema, endpointMessage(config, facts));
}
