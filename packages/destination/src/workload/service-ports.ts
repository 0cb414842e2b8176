import type { Service, ServicePort } from '@weft/kubernetes';
import type { MeshConfig } from '../mesh-config.ts';
import { annotations } from './annotations.ts';
import { parsePortSet } from './port-set.ts';

/** The port a service declares under a number; TCP before others of the same number. */
export function servicePort(service: Service, port: number): ServicePort | undefined {
  const declared = service.spec.ports.filter((candidate) => candidate.port === port);
  return declared.find(({ protocol }) => protocol === 'TCP') ?? declared[0];
}

/** Whether a service, or the mesh for services that say nothing, declares a port opaque. */
export function isOpaqueServicePort(config: MeshConfig, service: Service | undefined, port: number): boolean {
  const list = service?.metadata.annotations[annotations.opaquePorts];
  if (service === undefined || list === undefined) return config.defaultOpaquePorts.has(port);
  return parsePortSet(list, service.spec.ports).has(port);
}
