import type { Pod } from '@weft/kubernetes';
import type { ClusterReader } from '../cluster/cluster.ts';
import type { MeshConfig } from '../mesh-config.ts';
import { annotations } from '../workload/annotations.ts';
import { type Candidate, findCandidates, type ServiceAddress } from './candidates.ts';
import { bareEndpoint, DEFAULT_WEIGHT, type EndpointFacts } from './facts.ts';
import { type ClientScope, filterCandidates, staysOnNode } from './filter.ts';
import { podEndpoint } from './pod-endpoint.ts';

/** A pod that is left out, and why. */
export interface LeftOut {
  readonly pod: Pod;
  readonly reason: string;
}

export interface ServiceEndpoints {
  /** Whether the service exists at all. */
  readonly exists: boolean;
  /** Labels of every endpoint's metrics. */
  readonly labels: Readonly<Record<string, string>>;
  readonly endpoints: readonly EndpointFacts[];
  readonly leftOut: readonly LeftOut[];
}

function locality(clientZone: string, zone: string): 'local' | 'remote' | 'unknown' {
  if (clientZone === '' || zone === '') return 'unknown';
  return clientZone === zone ? 'local' : 'remote';
}

/** A mirrored service's gateway: its identity stands in an annotation of the slice. */
function gatewayEndpoint(
  config: MeshConfig,
  { ip, port, slice }: Candidate,
  servicePort: number,
): EndpointFacts {
  const identity = slice.metadata.annotations[annotations.remoteGatewayIdentity] ?? '';
  const remoteName = slice.metadata.annotations[annotations.remoteServiceName] ?? '';
  return {
    ...bareEndpoint(ip, port),
    authorityOverride: remoteName === '' ? undefined : `${remoteName}:${servicePort}`,
    http2: identity !== '',
    tls: identity === '' ? undefined : { type: 'dns', name: identity, serverName: undefined },
    hint: identity !== '' && config.enableH2Upgrade ? { protocol: 'h2', inboundPort: undefined } : undefined,
  };
}

/** The endpoints of a service port for clients of one scope. */
export function serviceEndpoints(
  cluster: ClusterReader,
  config: MeshConfig,
  target: ServiceAddress,
  scope: ClientScope,
): ServiceEndpoints {
  const service = cluster.get('Service', target.namespace, target.service);
  const candidates = filterCandidates(findCandidates(cluster, target), scope, {
    onNode: staysOnNode(service),
    enableIpv6: config.enableIpv6,
  });
  const endpoints: EndpointFacts[] = [];
  const leftOut: LeftOut[] = [];
  for (const candidate of candidates) {
    const { pod, zone } = candidate;
    const near = locality(scope.zone, zone);
    const weight = config.zoneWeights && near === 'local' ? DEFAULT_WEIGHT * 10 : DEFAULT_WEIGHT;
    if (pod === undefined) {
      const facts = gatewayEndpoint(config, candidate, target.port);
      endpoints.push({ ...facts, labels: { zone_locality: near } });
      continue;
    }
    const { facts, broken } = podEndpoint(cluster, config, { ...candidate, pod });
    if (broken === undefined)
      endpoints.push({ ...facts, weight, labels: { ...facts.labels, zone_locality: near } });
    else leftOut.push({ pod, reason: broken });
  }
  const labels = { service: target.service, namespace: target.namespace };
  return { exists: service !== undefined, labels, endpoints, leftOut };
}
