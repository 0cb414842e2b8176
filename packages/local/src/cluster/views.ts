import {
  clusterIps,
  type EndpointSlice,
  isHeadless,
  isRunning,
  podIps,
  type ResourceSource,
  type Service,
  serviceNameOf,
} from '@weft/kubernetes';
import type { DnsEndpoint, DnsService } from '../dns/zone.ts';
import type { VirtualPort } from '../network/service-rules.ts';

const key = (namespace: string, name: string) => `${namespace}/${name}`;

function slicesByService(source: ResourceSource): ReadonlyMap<string, readonly EndpointSlice[]> {
  return Map.groupBy(source.list('EndpointSlice'), (slice) =>
    key(slice.metadata.namespace, serviceNameOf(slice) ?? ''),
  );
}

const isReady = ({ conditions }: EndpointSlice['endpoints'][number]) => conditions.ready !== false;

/** Every port of every cluster IP, with the ready endpoints behind it. */
export function virtualPorts(source: ResourceSource): readonly VirtualPort[] {
  const slices = slicesByService(source);
  return source.list('Service').flatMap((service) => {
    const { namespace, name } = service.metadata;
    const own = slices.get(key(namespace, name)) ?? [];
    return clusterIps(service).flatMap((clusterIp) =>
      service.spec.ports.map((port) => ({
        name: `${namespace}/${name}:${port.name || port.port}`,
        clusterIp,
        port: port.port,
        protocol: port.protocol === 'UDP' ? ('udp' as const) : ('tcp' as const),
        targets: own.flatMap(({ endpoints, ports }) => {
          const target = ports.find((candidate) => candidate.name === port.name)?.port;
          if (target === undefined) return [];
          return endpoints
            .filter(isReady)
            .flatMap(({ addresses }) => addresses.map((ip) => ({ ip, port: target })));
        }),
      })),
    );
  });
}

/** What DNS says of the cluster's services. */
export function dnsServices(source: ResourceSource): readonly DnsService[] {
  const slices = slicesByService(source);
  return source.list('Service').map((service) => {
    const { namespace, name } = service.metadata;
    return {
      namespace,
      name,
      clusterIp: isHeadless(service) ? undefined : clusterIps(service)[0],
      externalName: service.spec.type === 'ExternalName' ? service.spec.externalName : undefined,
      ports: service.spec.ports,
      endpoints: (slices.get(key(namespace, name)) ?? []).flatMap(dnsEndpoints),
    };
  });
}

function dnsEndpoints({ endpoints, ports }: EndpointSlice): DnsEndpoint[] {
  const numbers = new Map(
    ports.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port] as const])),
  );
  return endpoints
    .filter(isReady)
    .flatMap(({ addresses, hostname }) => addresses.map((ip) => ({ ip, hostname, ports: numbers })));
}

/** Addresses of the pods that run. */
export function runningPodIps(source: ResourceSource): readonly string[] {
  return source.list('Pod').filter(isRunning).flatMap(podIps);
}

/** The service a cluster IP belongs to. */
export function serviceByClusterIp(source: ResourceSource): ReadonlyMap<string, Service> {
  return new Map(source.list('Service').flatMap((service) => clusterIps(service).map((ip) => [ip, service])));
}
