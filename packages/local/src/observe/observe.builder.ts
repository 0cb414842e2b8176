import type { Sample } from './prometheus-text.ts';
import type { AddressBook, ObservedPod } from './workloads.ts';

export function anObservedPod(name: string, pod: Partial<ObservedPod> = {}): ObservedPod {
  return {
    namespace: 'shop',
    name: `${name}-1`,
    workload: `shop/${name}`,
    ip: '10.42.0.16',
    meshed: true,
    identity: `${name}.shop.serviceaccount.identity.linkerd.cluster.local`,
    skippedOutbound: [],
    skippedInbound: [],
    ...pod,
  };
}

export function anOutboundSample(name: string, value: number, labels: Record<string, string> = {}): Sample {
  return {
    name,
    value,
    labels: {
      direction: 'outbound',
      target_addr: '10.42.0.20:50051',
      target_ip: '10.42.0.20',
      target_port: '50051',
      tls: 'true',
      server_id: 'orders.shop.serviceaccount.identity.linkerd.cluster.local',
      dst_namespace: 'shop',
      dst_deployment: 'orders',
      ...labels,
    },
  };
}

export function anInboundSample(name: string, value: number, labels: Record<string, string> = {}): Sample {
  return {
    name,
    value,
    labels: {
      direction: 'inbound',
      target_addr: '10.42.0.21:8080',
      target_ip: '10.42.0.21',
      target_port: '8080',
      tls: 'no_identity',
      no_tls_reason: 'no_tls_from_remote',
      ...labels,
    },
  };
}

/** An address book of these pods, and of cluster IPs that lead to them. */
export function anAddressBook(
  pods: readonly ObservedPod[],
  services: Readonly<Record<string, { pod: ObservedPod; port: number }>> = {},
): AddressBook {
  return {
    podByIp: (ip) => pods.find((pod) => pod.ip === ip),
    behindClusterIp: (ip, port) => services[`${ip}:${port}`],
  };
}
