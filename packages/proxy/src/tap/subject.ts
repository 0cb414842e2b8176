import { getHeader } from '../http/headers.ts';
import type { HttpVersion, RequestHead } from '../http/message.ts';
import type { LabelPairs } from '../metrics/labels.ts';
import type { SocketAddress } from '../transport/connection.ts';

/**
 * A request on its way to an endpoint, as taps see it. Labels are asked for only when a tap looks at them or
 * has taken the request.
 */
export interface TapSubject {
  readonly direction: 'inbound' | 'outbound';
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly request: RequestHead;
  /** The version in which the client spoke, whatever the request travels as. */
  readonly version: HttpVersion;
  /** How the client's side is secured. */
  sourceLabels(): LabelPairs;
  /** What the endpoint, or the policy that admitted the request, is labelled with. */
  destinationLabels(): LabelPairs;
  /** How the endpoint's side is secured. */
  destinationTls(): LabelPairs;
  /** Empty when no route took the request. */
  routeLabels(): LabelPairs;
}

/** `:authority` or, where the client wrote none, Host; '' without either. */
export function authorityOf({ authority, headers }: RequestHead): string {
  if (authority !== undefined) return authority;
  return getHeader(headers, 'host') ?? '';
}

/** Without the query. */
export function pathOf({ path }: RequestHead): string {
  const question = path.indexOf('?');
  return question < 0 ? path : path.slice(0, question);
}

/** Labels as discovery gave them, before they were made labels of metrics. */
export const unprefixed = (prefix: string, labels: Iterable<readonly [string, string]>): LabelPairs =>
  Array.from(labels, ([name, value]) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, value]);
