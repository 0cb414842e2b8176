/** One TCP segment over IPv4 with something in it. */
export interface Packet {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  /** The number of the payload's first byte in its direction, modulo 2³² (RFC 9293, 3.1). */
  readonly sequence: number;
  readonly payload: Buffer;
}

const MAGIC = 0xa1b2c3d4;
/** Bytes before the IP header, by link type: Ethernet, and Linux cooked capture, first and second version. */
const LINK_HEADERS: Readonly<Record<number, number>> = { 1: 14, 113: 16, 276: 20 };
const TCP = 6;

/** Reads the file of a packet capture. */
export function readPackets(file: Buffer): readonly Packet[] {
  if (file.readUInt32LE(0) !== MAGIC) throw new Error('not a capture file of this machine');
  const linkHeader = LINK_HEADERS[file.readUInt32LE(20)];
  if (linkHeader === undefined) throw new Error(`unknown link type ${file.readUInt32LE(20)}`);
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const packet = tcpPacket(file.subarray(at + 16 + linkHeader, at + 16 + length));
    if (packet !== undefined && packet.payload.length > 0) packets.push(packet);
    at += 16 + length;
  }
  return packets;
}

function tcpPacket(ip: Buffer): Packet | undefined {
  if (ip.length < 40 || ip[0]! >> 4 !== 4 || ip[9] !== TCP) return undefined;
  const tcp = ip.subarray((ip[0]! & 15) * 4, ip.readUInt16BE(2));
  return {
    from: ip.subarray(12, 16).join('.'),
    to: ip.subarray(16, 20).join('.'),
    fromPort: tcp.readUInt16BE(0),
    toPort: tcp.readUInt16BE(2),
    sequence: tcp.readUInt32BE(4),
    payload: tcp.subarray((tcp[12]! >> 4) * 4),
  };
}

/** What one end of a connection said, without what it said again; packets as they were captured. */
export function bytesOf(packets: readonly Packet[]): Buffer {
  const parts: Buffer[] = [];
  let next = packets[0]?.sequence ?? 0;
  for (const { sequence, payload } of packets) {
    const known = (next - sequence) | 0;
    if (known < 0) throw new Error(`the capture lacks ${-known} bytes`);
    if (known >= payload.length) continue;
    parts.push(payload.subarray(known));
    next = (sequence + payload.length) >>> 0;
  }
  return Buffer.concat(parts);
}
