import { isIP } from 'node:net';
import type { EndpointSlice, Pod, Service, SliceEndpoint } from '@weft/kubernetes';
import type { ClusterReader } from '../cluster/cluster.ts';
import { servicePort } from '../workload/service-ports.ts';

/** One address behind a service port, before it is decided which clients use it. */
export interface Candidate {
  readonly ip: string;
  readonly port: number;
  /** Undefined for an address without a workload of this cluster. */
  readonly pod: Pod | undefined;
  readonly slice: EndpointSlice;
  readonly hostname: string | undefined;
  readonly zone: string;
  /** The zones whose clients should use it; undefined when it is for all. */
  readonly forZones: readonly string[] | undefined;
}

export interface ServiceAddress {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/**
 * The number behind a service port in one slice. Slices carry resolved numbers under the port's name; a number
 * that the service does not declare is taken as it is.
 */
function portIn(slice: EndpointSlice, service: Service | undefined, port: number): number | undefined {
  const declared = service === undefined ? undefined : servicePort(service, port);
  if (declared === undefined) return port;
  const ports = slice.ports.filter(({ name }) => name === declared.name);
  return (ports.find(({ protocol }) => protocol === declared.protocol) ?? ports[0])?.port;
}

function candidatesOf(
  cluster: ClusterReader,
  slice: EndpointSlice,
  port: number,
  endpoint: SliceEndpoint,
): readonly Candidate[] {
  if (endpoint.conditions.ready === false) return [];
  const { targetRef } = endpoint;
  let pod: Pod | undefined;
  if (targetRef !== undefined) {
    if (targetRef.kind !== 'Pod') return [];
    pod = cluster.get('Pod', targetRef.namespace || slice.metadata.namespace, targetRef.name);
    if (pod === undefined) return [];
  }
  const { hostname, zone = '', hints } = endpoint;
  const forZones = hints?.forZones.length ? hints.forZones.map(({ name }) => name) : undefined;
  return endpoint.addresses
    .filter((ip) => isIP(ip) !== 0)
    .map((ip) => ({ ip, port, pod, slice, hostname, zone, forZones }));
}

/** The ready addresses behind a service port, each once however many slices list it. */
export function findCandidates(cluster: ClusterReader, target: ServiceAddress): readonly Candidate[] {
  const service = cluster.get('Service', target.namespace, target.service);
  if (service === undefined) return [];
  const found = new Map<string, Candidate>();
  for (const slice of cluster.by('sliceByService', `${target.namespace}/${target.service}`)) {
    const port = portIn(slice, service, target.port);
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints)
      for (const candidate of candidatesOf(cluster, slice, port, endpoint))
        found.set(`${candidate.ip} ${candidate.port}`, candidate);
  }
  return [...found.values()];
}
