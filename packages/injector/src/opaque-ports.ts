import type { ServicePort } from './workload.ts';

/**
 * Default opaque ports are compared as written: a range among them is never found in a declaration, as in
 * every Linkerd injector.
 */
function defaultsIn(list: string): ReadonlySet<string> {
  return new Set(list.split(',').map((item) => item.trim()));
}

/** The default opaque ports that a pod declares, in its order of declaration. */
export function opaquePortsOfPod(declared: readonly number[], defaults: string): string {
  const opaque = defaultsIn(defaults);
  return declared.filter((port) => opaque.has(String(port))).join(',');
}

/** The ports of a Service that lead to default opaque ports. A named target says nothing about its number. */
export function opaquePortsOfService(ports: readonly ServicePort[], defaults: string): string {
  const opaque = defaultsIn(defaults);
  return ports
    .filter(({ port, targetPort }) => {
      if (typeof targetPort === 'string') return false;
      return opaque.has(String(targetPort ?? port));
    })
    .map(({ port }) => String(port))
    .join(',');
}
