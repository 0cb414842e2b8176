import {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { Zone } from './zone.ts';

const RCODE = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4 } as const;
const OPCODE_MASK = 0x7800;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;

/** Bytes of an answer over UDP to a client that says nothing of EDNS (RFC 1035 §4.2.1). */
const PLAIN_UDP_LIMIT = 512;
const MAX_UDP = 1232;

function udpLimit(query: DecodedPacket): number {
  const option = query.additionals?.find(({ type }) => type === 'OPT');
  const offered = option?.type === 'OPT' ? option.udpPayloadSize : PLAIN_UDP_LIMIT;
  return Math.min(MAX_UDP, Math.max(PLAIN_UDP_LIMIT, offered));
}

/**
 * The answer to one DNS message, or undefined where none is due (not a query, or no message at all).
 * @param maxSize bytes the transport carries; `udp` takes the limit from the query.
 */
export function answer(message: Buffer, zone: Zone, maxSize: number | 'udp'): Buffer | undefined {
  let query: DecodedPacket;
  try {
    query = decode(message);
  } catch {
    return undefined;
  }
  if (query.type !== 'query') return undefined;
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED);
  const base = { type: 'response' as const, id: query.id ?? 0, questions: query.questions ?? [] };
  const question = query.questions?.[0];
  if (((query.flags ?? 0) & OPCODE_MASK) !== 0)
    return encode({ ...base, flags: flags | RCODE.notImplemented });
  if (question === undefined || query.questions?.length !== 1) {
    return encode({ ...base, flags: flags | RCODE.formatError });
  }
  const result = zone.resolve(question.name, question.type);
  const response: Packet =
    result.kind === 'found'
      ? { ...base, flags, answers: [...result.answers] }
      : {
          ...base,
          flags: flags | (result.kind === 'no-data' ? RCODE.noError : RCODE.nameError),
          authorities: [startOfAuthority(zone.domain)],
        };
  const bytes = encode(response);
  if (bytes.length <= (maxSize === 'udp' ? udpLimit(query) : maxSize)) return bytes;
  return encode({ ...base, flags: flags | TRUNCATED_RESPONSE });
}

/** Tells resolvers for how long they may believe that something is not there. */
function startOfAuthority(domain: string) {
  return {
    type: 'SOA' as const,
    name: domain,
    ttl: 5,
    data: {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86400,
      minimum: 5,
    },
  };
}
