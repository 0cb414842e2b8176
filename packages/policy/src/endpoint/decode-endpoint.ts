import type { Http2ClientParams, TlsIdentity, WeightedAddr } from '@weft/proto/destination';
import { decodeTcpAddress } from '../net/proto.ts';
import type { Endpoint, EndpointTls, Http2Params } from './endpoint.ts';

const noLabels: Readonly<Record<string, string>> = {};

/**
 * An address as the destination service tells it; null without a usable address. Whatever else cannot be
 * used is left out, as stock does: better an endpoint in plain text than none.
 *
 * @param setLabels labels of the whole set, which the address's own override
 */
export function decodeEndpoint(
  message: WeightedAddr,
  setLabels: Readonly<Record<string, string>> = noLabels,
): Endpoint | null {
  const address = decodeTcpAddress(message.addr);
  if (address === null) return null;
  const labels = { ...setLabels, ...message.metricLabels };
  const inboundPort = message.protocolHint?.opaqueTransport?.inboundPort ?? 0;
  return {
    ...address,
    tls: decodeTls(message.tlsIdentity),
    protocolHint: message.protocolHint?.protocol.case ?? null,
    inboundPort: inboundPort >= 1 && inboundPort <= 65534 ? inboundPort : null,
    authorityOverride: decodeAuthority(message.authorityOverride?.authorityOverride ?? ''),
    http2: message.http2 === undefined ? null : decodeHttp2(message.http2),
    labels: decodeMetricLabels('dst_', labels),
    zoneLocality: decodeLocality(labels.zone_locality),
  };
}

/** Metric labels with a prefix, sorted by name. */
export function decodeMetricLabels(
  prefix: string,
  labels: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const pairs = Object.entries(labels).map(([name, value]): [string, string] => [prefix + name, value]);
  return new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A URI identity says nothing about the name to ask for: without a server name it is of no use. */
function decodeTls(message: TlsIdentity | undefined): EndpointTls | null {
  const strategy = message?.strategy;
  const serverName = message?.serverName?.name ?? '';
  if (strategy?.case === 'dnsLikeIdentity') {
    const { name } = strategy.value;
    if (!isDnsName(name)) return null;
    return { serverId: { kind: 'dns', name }, serverName: isDnsName(serverName) ? serverName : name };
  }
  if (strategy?.case !== 'uriLikeIdentity' || !isDnsName(serverName)) return null;
  const { uri } = strategy.value;
  return uri === '' ? null : { serverId: { kind: 'uri', name: uri }, serverName };
}

function decodeHttp2(message: Http2ClientParams): Http2Params {
  const { flowControl, keepAlive, internals } = message;
  return {
    connectionWindow: flowControl?.initialConnectionWindowSize ?? 0,
    streamWindow: flowControl?.initialStreamWindowSize ?? 0,
    maxFrameSize: internals?.maxFrameSize ?? 0,
    keepAlive:
      keepAlive?.interval === undefined || keepAlive.timeout === undefined
        ? null
        : {
            intervalMs: milliseconds(keepAlive.interval),
            timeoutMs: milliseconds(keepAlive.timeout),
            whileIdle: keepAlive.whileIdle,
          },
  };
}

function milliseconds(duration: { seconds: bigint; nanos: number }): number {
  return Math.max(0, Number(duration.seconds) * 1000 + duration.nanos / 1e6);
}

function decodeAuthority(text: string): string | null {
  return /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(text) ? text : null;
}

function decodeLocality(text: string | undefined): Endpoint['zoneLocality'] {
  return text === 'local' || text === 'remote' ? text : 'unknown';
}

function isDnsName(name: string): boolean {
  return name.length <= 253 && /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(name);
}
