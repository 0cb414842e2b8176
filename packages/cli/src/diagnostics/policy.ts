import { isIPv6 } from 'node:net';
import { type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { InboundServerPolicies, ServerSchema } from '@weft/proto/inbound';
import { OutboundPolicies, OutboundPolicySchema, type TrafficSpecSchema } from '@weft/proto/outbound';
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { type Json, type JsonObject, textAt } from '../manifest/json.ts';
import { parseResource, requireResource } from '../mesh/resolve-pods.ts';
import { askDestination } from './control-plane-client.ts';
import { ipv4Number, ipv6Halves } from './ip-address.ts';

/** How long an answer may take, in ms. */
const TIMEOUT_MS = 10_000;

export interface PolicyQuery {
  readonly cluster: Cluster;
  /** Of the control plane. */
  readonly linkerdNamespace: string;
  /** `po/web-1` or `svc/web`. */
  readonly resource: string;
  readonly namespace: string;
  readonly port: number;
  /** Who asks about a service: `namespace:pod`. */
  readonly token: string;
  readonly destinationPod: string | undefined;
  readonly signal: AbortSignal;
}

/** What a proxy is told about a port: of a pod, whom to let in; of a service, where to go. */
export async function queryPolicy(query: PolicyQuery): Promise<Json> {
  const { cluster, linkerdNamespace, namespace, port, token, destinationPod, signal } = query;
  const resource = parseResource(query.resource);
  if (resource.plural !== 'pods' && resource.plural !== 'services') {
    throw new ClusterError(
      'rejected',
      `policies are those of pods (po/…) and services (svc/…), not ${query.resource}`,
    );
  }
  const object = await requireResource(cluster, resource, namespace, signal);
  const target = { cluster, namespace: linkerdNamespace, port: 8090, podName: destinationPod, signal };
  const options = { signal, timeoutMs: TIMEOUT_MS };
  return askDestination(target, async (grpc) => {
    if (resource.plural === 'pods') {
      const request = { workload: JSON.stringify({ ns: namespace, pod: resource.name }), port };
      return toJson(
        ServerSchema,
        await grpc.unary(InboundServerPolicies.method.getPort, request, options),
      ) as Json;
    }
    const request = trafficSpec(object, port, token);
    return toJson(
      OutboundPolicySchema,
      await grpc.unary(OutboundPolicies.method.get, request, options),
    ) as Json;
  });
}

/** Asks by the service's address, as proxies do; a headless one has only its name. */
export function trafficSpec(
  service: JsonObject,
  port: number,
  sourceWorkload: string,
): MessageInitShape<typeof TrafficSpecSchema> {
  const ip = textAt(service, 'spec', 'clusterIP');
  const name = `${textAt(service, 'metadata', 'name')}.${textAt(service, 'metadata', 'namespace')}.svc`;
  if (ip === '' || ip === 'None') {
    return { sourceWorkload, target: { case: 'authority', value: `${name}:${port}` } };
  }
  const address = isIPv6(ip)
    ? ({ case: 'ipv6', value: ipv6Halves(ip) } as const)
    : ({ case: 'ipv4', value: ipv4Number(ip) } as const);
  return { sourceWorkload, target: { case: 'addr', value: { ip: { ip: address }, port } } };
}
