import { isIPv6 } from 'node:net';
import type { Service } from '@weft/kubernetes';
import type { Candidate } from './candidates.ts';

/** What about a client decides which endpoints it gets. Empty parts are unknown. */
export interface ClientScope {
  /** Only the pod of this hostname. */
  readonly instance: string;
  readonly zone: string;
  /** Only set where it matters: for services whose traffic stays on the node. */
  readonly node: string;
}

export function staysOnNode(service: Service | undefined): boolean {
  return service?.spec.internalTrafficPolicy === 'Local';
}

function inZone(candidates: readonly Candidate[], zone: string): readonly Candidate[] {
  // Hints hold only if every endpoint has one; else some endpoints would never be used.
  if (candidates.some(({ forZones }) => forZones === undefined)) return candidates;
  const near = candidates.filter(({ forZones }) => forZones?.includes(zone));
  return near.length > 0 ? near : candidates;
}

function oneFamily(candidates: readonly Candidate[], enableIpv6: boolean): readonly Candidate[] {
  if (!enableIpv6) return candidates.filter(({ ip }) => !isIPv6(ip));
  const withIpv6 = new Set(candidates.filter(({ ip }) => isIPv6(ip)).map(({ pod }) => pod));
  return candidates.filter(({ ip, pod }) => isIPv6(ip) || pod === undefined || !withIpv6.has(pod));
}

/** The candidates one client gets: instance, then node or zone, then one address family for each pod. */
export function filterCandidates(
  candidates: readonly Candidate[],
  { instance, zone, node }: ClientScope,
  policy: { readonly onNode: boolean; readonly enableIpv6: boolean },
): readonly Candidate[] {
  const named = instance === '' ? candidates : candidates.filter(({ hostname }) => hostname === instance);
  const near = policy.onNode
    ? named.filter(({ pod }) => pod !== undefined && node !== '' && pod.spec.nodeName === node)
    : inZone(named, zone);
  return oneFamily(near, policy.enableIpv6);
}
