import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TcpAddressSchema } from '@weft/proto/net';
import { parseIpv4 } from './ipv4.ts';
import { isIpv4Mapped, parseIpv6 } from './ipv6.ts';

/** An address as a request to the control plane carries it; null for a text that is no address. */
export function encodeTcpAddress(ip: string, port: number): MessageInitShape<typeof TcpAddressSchema> | null {
  const bits = parseIpv4(ip);
  if (bits >= 0) return { ip: { ip: { case: 'ipv4', value: bits } }, port };
  const words = new Uint32Array(4);
  if (!parseIpv6(ip, words)) return null;
  const [a, b, c, d] = words as unknown as [number, number, number, number];
  if (isIpv4Mapped(words)) return { ip: { ip: { case: 'ipv4', value: d } }, port };
  const value = { first: (BigInt(a) << 32n) | BigInt(b), last: (BigInt(c) << 32n) | BigInt(d) };
  return { ip: { ip: { case: 'ipv6', value } }, port };
}
