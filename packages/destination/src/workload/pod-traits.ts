import { allContainers, type Pod, serviceAccountOf } from '@weft/kubernetes';
import { annotations, CONTROL_PLANE_LABEL } from './annotations.ts';
import { type NamedPort, type PortSet, parsePortSet } from './port-set.ts';
import { type ProxyPortsResult, readProxyPorts } from './proxy-ports.ts';

/** What a pod's manifest says to the mesh. */
export interface PodTraits {
  /** The control plane its proxy is under; empty without a proxy. */
  readonly controlPlane: string;
  readonly serviceAccount: string;
  /** Undefined when the pod has no such annotation, and the mesh's default applies. */
  readonly opaquePorts: PortSet | undefined;
  readonly skipInboundPorts: PortSet;
  /** Undefined without a proxy. */
  readonly proxyPorts: ProxyPortsResult | undefined;
}

const known = new WeakMap<Pod, PodTraits>();

/** All declared ports of a pod, native sidecars' included. */
export function namedPorts(pod: Pod): readonly NamedPort[] {
  return allContainers(pod).flatMap(({ ports }) =>
    ports.map(({ name, containerPort }) => ({ name, port: containerPort })),
  );
}

function read(pod: Pod): PodTraits {
  const { labels, annotations: written } = pod.metadata;
  const ports = namedPorts(pod);
  const opaque = written[annotations.opaquePorts];
  const controlPlane = labels[CONTROL_PLANE_LABEL] ?? '';
  return {
    controlPlane,
    serviceAccount: serviceAccountOf(pod),
    opaquePorts: opaque === undefined ? undefined : parsePortSet(opaque, ports),
    skipInboundPorts: parsePortSet(written[annotations.skipInboundPorts] ?? '', ports),
    proxyPorts: controlPlane === '' ? undefined : readProxyPorts(pod),
  };
}

/** The traits of a pod, read once for each version of it. */
export function traitsOf(pod: Pod): PodTraits {
  const traits = known.get(pod) ?? read(pod);
  known.set(pod, traits);
  return traits;
}
