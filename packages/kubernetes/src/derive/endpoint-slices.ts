import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import {
  type EndpointSlice,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
  type SliceEndpoint,
  sliceControllers,
} from '../resources/endpoint-slice.ts';
import { isFinished, isReady, type Pod, podIps } from '../resources/pod.ts';
import type { Service, ServicePort } from '../resources/service.ts';

type AddressType = 'IPv4' | 'IPv6';
type SlicePort = EndpointSlice['ports'][number];

/** Who wrote a slice: nobody but this process. */
const MANAGED_BY = { [MANAGED_BY_LABEL]: sliceControllers.weft };

/** The number a service port leads to in this pod; undefined when the pod has no port of that name. */
function targetPort({ targetPort = 0, port, protocol }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort;
  return pod.spec.containers
    .flatMap(({ ports }) => ports)
    .find((declared) => declared.name === targetPort && declared.protocol === protocol)?.containerPort;
}

function portsOf(service: Service, pod: Pod): readonly SlicePort[] {
  return service.spec.ports.flatMap((declared) => {
    const port = targetPort(declared, pod);
    const { name, protocol, appProtocol } = declared;
    return port === undefined ? [] : [{ name, port, protocol, appProtocol }];
  });
}

function endpointOf(service: Service, pod: Pod, address: string, zone: string | undefined): SliceEndpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    addresses: [address],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    hostname: hostname && subdomain === service.metadata.name ? hostname : undefined,
    nodeName,
    zone,
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name },
    hints: undefined,
  };
}

function sliceOf(
  service: Service,
  addressType: AddressType,
  ports: readonly SlicePort[],
  endpoints: readonly SliceEndpoint[],
): EndpointSlice {
  const { namespace, name } = service.metadata;
  const signature = createHash('sha256').update(JSON.stringify(ports)).digest('hex').slice(0, 8);
  const content = JSON.stringify({ ports, endpoints });
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${addressType.toLowerCase()}-${signature}`,
      namespace,
      uid: `${service.metadata.uid}-${addressType}-${signature}`,
      resourceVersion: createHash('sha256').update(content).digest('hex').slice(0, 16),
      creationTimestamp: service.metadata.creationTimestamp,
      deletionTimestamp: undefined,
      labels: { ...MANAGED_BY, [SERVICE_NAME_LABEL]: name },
      annotations: {},
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Service', name, uid: service.metadata.uid, controller: true },
      ],
    },
    addressType,
    ports,
    endpoints,
  };
}

/**
 * The slices a cluster's controller would write for a service and the pods its selector picks: one for each
 * address family and each set of port numbers (pods may resolve a named target port differently), without
 * a limit of size, since here nobody sends slices over a wire. Finished pods and pods without an address
 * are left out, unready ones are listed as not ready.
 */
export function endpointSlicesFor(
  service: Service,
  pods: readonly Pod[],
  zoneOf: (nodeName: string) => string | undefined,
): readonly EndpointSlice[] {
  const groups = new Map<
    string,
    { type: AddressType; ports: readonly SlicePort[]; endpoints: SliceEndpoint[] }
  >();
  for (const pod of pods) {
    if (isFinished(pod)) continue;
    const ports = portsOf(service, pod);
    const zone = pod.spec.nodeName === undefined ? undefined : zoneOf(pod.spec.nodeName);
    for (const address of podIps(pod)) {
      const type: AddressType = isIPv6(address) ? 'IPv6' : 'IPv4';
      const key = JSON.stringify([type, ports]);
      const group = groups.get(key) ?? { type, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(service, pod, address, zone));
    }
  }
  return [...groups.values()].map(({ type, ports, endpoints }) => sliceOf(service, type, ports, endpoints));
}
