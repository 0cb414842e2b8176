import { isIP } from 'node:net';
import { ServiceError } from '@weft/service';

/** What a path of the destination API names. */
export type Authority =
  | { readonly type: 'ip'; readonly ip: string; readonly port: number }
  | { readonly type: 'service'; readonly namespace: string; readonly service: string; readonly port: number }
  /** One pod of a headless service, by its hostname. */
  | {
      readonly type: 'instance';
      readonly namespace: string;
      readonly service: string;
      readonly instance: string;
      readonly port: number;
    };

const DEFAULT_PORT = 80;

/** Splits `host[:port]`; an IPv6 host with a port needs brackets. */
function splitPort(path: string): { host: string; port: number } | undefined {
  if (!path.includes(':')) return { host: path, port: DEFAULT_PORT };
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(path);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) return undefined;
  return { host: match[1] ?? match[2] ?? '', port };
}

/**
 * Reads `[instance.]service.namespace.svc.<cluster domain>[:port]` or `ip[:port]`; without a port it is 80.
 * Names are compared as they are: case matters and there is no trailing dot.
 * @throws ServiceError invalid_argument for anything else, as for names of other cluster domains.
 */
export function parseAuthority(path: string, clusterDomain: string): Authority {
  const invalid = () =>
    new ServiceError('invalid_argument', `Invalid authority: ${path}`, { data: { path } });
  const split = splitPort(path);
  if (split === undefined) throw invalid();
  const { host, port } = split;
  if (isIP(host) !== 0) return { type: 'ip', ip: host, port };
  const suffix = `.svc.${clusterDomain}`;
  if (!host.endsWith(suffix)) throw invalid();
  const labels = host.slice(0, -suffix.length).split('.');
  if (labels.some((label) => label === '')) throw invalid();
  const namespace = labels.at(-1) ?? '';
  const service = labels.at(-2) ?? '';
  if (labels.length === 2) return { type: 'service', namespace, service, port };
  if (labels.length === 3) return { type: 'instance', namespace, service, instance: labels[0] ?? '', port };
  throw invalid();
}
