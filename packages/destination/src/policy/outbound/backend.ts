import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BackendSchema } from '@weft/proto/outbound';
import type { ServiceAddress } from '../../endpoints/candidates.ts';
import type { MeshConfig } from '../../mesh-config.ts';
import { encodeDuration } from '../../wire/duration.ts';
import { encodeIp } from '../../wire/ip-address.ts';
import { defaultMetadata, type MetadataInit, resourceMetadata } from '../../wire/metadata.ts';
import type { LoadInit } from './load.ts';

export type BackendInit = MessageInitShape<typeof BackendSchema>;

/** How many requests wait for an endpoint, and how long. */
const queue = { capacity: 100, failfastTimeout: encodeDuration(3000) };

export function serviceMetadata({ namespace, service, port }: ServiceAddress): MetadataInit {
  return resourceMetadata({ group: 'core', kind: 'Service', name: service, namespace, port });
}

/** The endpoints of a service port, balanced. */
export function balancedService(config: MeshConfig, target: ServiceAddress, load: LoadInit): BackendInit {
  const path = `${target.service}.${target.namespace}.svc.${config.clusterDomain}:${target.port}`;
  return {
    metadata: serviceMetadata(target),
    queue,
    kind: { case: 'balancer', value: { discovery: { kind: { case: 'dst', value: { path } } }, load } },
  };
}

/** The address the client asked for, as it is. */
export function originalDestination(name: string, ip: string, port: number): BackendInit {
  return {
    metadata: defaultMetadata(name),
    queue,
    kind: { case: 'forward', value: { addr: { ip: encodeIp(ip) ?? {}, port }, weight: 1 } },
  };
}
