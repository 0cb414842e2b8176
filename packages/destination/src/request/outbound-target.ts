import { isIP } from 'node:net';
import type { TrafficSpec } from '@weft/proto/outbound';
import { ServiceError } from '@weft/service';
import { decodeIp } from '../wire/ip-address.ts';
import { checkPort } from './workload-token.ts';

/** Where a client's traffic goes. */
export type OutboundTarget =
  | { readonly type: 'ip'; readonly ip: string; readonly port: number }
  | { readonly type: 'service'; readonly namespace: string; readonly service: string; readonly port: number };

/** Host and port of a URI authority; undefined when it is none. */
function splitAuthority(authority: string): { host: string; port: number } | undefined {
  const match = /^([^\s/?#@:[\]]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(authority);
  if (match === null) return undefined;
  return { host: match[1] ?? '', port: match[2] === undefined ? 80 : Number(match[2]) };
}

function fromAuthority(authority: string, clusterDomain: string): OutboundTarget {
  const split = splitAuthority(authority);
  if (split === undefined) throw new ServiceError('invalid_argument', `Invalid authority: ${authority}`);
  const ip = split.host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(ip) !== 0) return { type: 'ip', ip, port: checkPort(split.port) };
  const host = split.host.replace(/\.+$/, '');
  const suffix = `.${clusterDomain}`;
  const labels = (host.endsWith(suffix) ? host.slice(0, -suffix.length) : host).split('.');
  const [service = '', namespace = '', svc] = labels;
  if (service === '' || namespace === '' || svc !== 'svc' || labels.length > 3)
    throw new ServiceError('not_found', 'No such service', { data: { authority } });
  return { type: 'service', namespace, service, port: checkPort(split.port) };
}

/** @throws ServiceError invalid_argument for a target that is none, not_found for a name of no service. */
export function parseOutboundTarget({ target }: TrafficSpec, clusterDomain: string): OutboundTarget {
  switch (target.case) {
    case 'authority':
      return fromAuthority(target.value, clusterDomain);
    case 'addr': {
      const ip = decodeIp(target.value.ip);
      if (ip === undefined)
        throw new ServiceError('invalid_argument', 'Invalid target: the address has no IP');
      return { type: 'ip', ip, port: checkPort(target.value.port) };
    }
    default:
      throw new ServiceError('invalid_argument', 'Invalid target: an address or an authority is required');
  }
}
