import type { DnsService } from './zone.ts';

export function aService(service: Partial<DnsService> = {}): DnsService {
  return {
    namespace: 'shop',
    name: 'web',
    clusterIp: '10.43.0.20',
    externalName: undefined,
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    endpoints: [],
    ...service,
  };
}

export function aHeadlessService(service: Partial<DnsService> = {}): DnsService {
  return aService({
    name: 'peers',
    clusterIp: undefined,
    endpoints: [
      { ip: '10.42.0.17', hostname: 'peer-0', ports: new Map([['http', 8080]]) },
      { ip: '10.42.0.18', hostname: undefined, ports: new Map([['http', 8080]]) },
    ],
    ...service,
  });
}
