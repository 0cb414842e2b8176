import { isIP } from 'node:net';
import {
  type EndpointSlice,
  isDerivedFromPods,
  type Pod,
  type Service,
  type SliceEndpoint,
  servesByItsKubelet,
} from '@weft/kubernetes';
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

/** Whether an endpoint that is not ready serves all the same, for all that its pod's kubelet has said. */
function mayServe(
  { conditions: { terminating = false } }: SliceEndpoint,
  { pod, slice }: Candidate,
): boolean {
  if (terminating || pod === undefined || pod.metadata.deletionTimestamp !== undefined) return false;
  return isDerivedFromPods(slice) && servesByItsKubelet(pod);
}

/**
 * The ready addresses behind a service port, each once however many slices list it. Where none is ready, those that
 * only the silence of their nodes makes unready, or a slice that lags behind: when all do at once, it is rather the
 * API server that was away, and an address that may answer is better than none.
 */
export function findCandidates(cluster: ClusterReader, target: ServiceAddress): readonly Candidate[] {
  const service = cluster.get('Service', target.namespace, target.service);
  if (service === undefined) return [];
  const ready = new Map<string, Candidate>();
  const others = new Map<string, Candidate>();
  for (const slice of cluster.by('sliceByService', `${target.namespace}/${target.service}`)) {
    const port = portIn(slice, service, target.port);
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints) {
      const isReady = endpoint.conditions.ready !== false;
      for (const candidate of candidatesOf(cluster, slice, port, endpoint)) {
        const key = `${candidate.ip} ${candidate.port}`;
        if (isReady) ready.set(key, candidate);
        else if (mayServe(endpoint, candidate)) others.set(key, candidate);
      }
    }
  }
  return [...(ready.size > 0 ? ready : others).values()];
}
