import { isIPv4, SocketAddress as NodeSocketAddress } from 'node:net';
import type { SocketAddress } from './connection.ts';
import type { TcpHandle } from './handles.ts';
import { readSocketOption } from './libc.ts';
import { socketAddress } from './socket-address.ts';

const SOL_IP = 0;
const SOL_IPV6 = 41;
/** SO_ORIGINAL_DST of IPv4 and IP6T_SO_ORIGINAL_DST of IPv6 have the same number. */
const ORIGINAL_DST = 80;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

/** Where a redirected connection from `peer` was going before netfilter turned it here; null when it was not redirected. */
export function originalDestination({ fd }: TcpHandle, peer: SocketAddress): SocketAddress | null {
  if (fd < 0) return null;
  const v4 = isIPv4(peer.ip);
  const bytes = v4
    ? readSocketOption(fd, SOL_IP, ORIGINAL_DST, SOCKADDR_IN_BYTES)
    : readSocketOption(fd, SOL_IPV6, ORIGINAL_DST, SOCKADDR_IN6_BYTES);
  if (bytes === null) return null;
  return v4 ? decodeSockaddrIn(bytes) : decodeSockaddrIn6(bytes);
}

/** struct sockaddr_in: family, port (big endian), address. */
export function decodeSockaddrIn(bytes: Buffer): SocketAddress {
  return { ip: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(2) };
}

/** struct sockaddr_in6: family, port (big endian), flow, address, scope. */
export function decodeSockaddrIn6(bytes: Buffer): SocketAddress {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + 2 * index).toString(16));
  const shortest = new NodeSocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
  return socketAddress(shortest, bytes.readUInt16BE(2));
}
