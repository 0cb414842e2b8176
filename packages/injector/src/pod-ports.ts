import { allContainers, type PodSpec } from './workload.ts';

/** Every declared container port, in declaration order, duplicates kept. */
export function containerPorts(spec: PodSpec): readonly number[] {
  return allContainers(spec)
    .flatMap((container) => container.ports ?? [])
    .map((port) => Number(port.containerPort))
    .filter(Number.isInteger);
}

/** The ports that have a name; the first declaration of a name counts. */
export function namedPorts(spec: PodSpec): ReadonlyMap<string, number> {
  const named = new Map<string, number>();
  for (const { name, containerPort } of allContainers(spec).flatMap((container) => container.ports ?? [])) {
    if (name !== undefined && containerPort !== undefined && !named.has(name)) named.set(name, containerPort);
  }
  return named;
}

/**
 * What the proxy watches policy for from its start: declared ports and the numeric HTTP ports of readiness
 * and liveness probes. Sorted as text, which is how every Linkerd injector writes the list.
 */
export function inboundPorts(spec: PodSpec): string {
  const probed = allContainers(spec)
    .flatMap(({ readinessProbe, livenessProbe }) => [readinessProbe, livenessProbe])
    .map((probe) => probe?.httpGet?.port)
    .filter((port) => typeof port === 'number');
  return [...new Set([...containerPorts(spec), ...probed].map(String))].sort().join(',');
}

export function hasUdpPort(spec: PodSpec): boolean {
  return (spec.containers ?? []).some((container) =>
    (container.ports ?? []).some((port) => port.protocol === 'UDP'),
  );
}
