import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Pod, Server } from '@weft/kubernetes';
import { type Server as Message, type ProxyProtocolSchema, ServerSchema } from '@weft/proto/inbound';
import type { AnswerContext } from '../../answer-context.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import type { MeshConfig } from '../../mesh-config.ts';
import { encodeDuration } from '../../wire/duration.ts';
import { annotations } from '../../workload/annotations.ts';
import { namedPorts, traitsOf } from '../../workload/pod-traits.ts';
import { parsePortSet } from '../../workload/port-set.ts';
import { POLICY_GROUP } from './authz.ts';
import { defaultAuthorizations } from './default-policy.ts';
import { type DefaultPolicy, parseDefaultPolicy, requireIdentity } from './policy-name.ts';
import { defaultGrpcRoutes, defaultHttpRoutes } from './routes.ts';
import { serverAuthorizations, serverFor } from './server.ts';

type ProtocolInit = MessageInitShape<typeof ProxyProtocolSchema>;

/** How long a proxy waits for the first bytes that tell the protocol, in milliseconds. */
const DETECT_TIMEOUT_MS = 10_000;

function protocolOf(
  protocol: Server['spec']['proxyProtocol'],
  config: MeshConfig,
  pod: Pod,
  port: number,
): ProtocolInit {
  const routes = () => [...defaultHttpRoutes(config, pod, port)];
  switch (protocol) {
    case 'unknown':
      return {
        kind: { case: 'detect', value: { timeout: encodeDuration(DETECT_TIMEOUT_MS), httpRoutes: routes() } },
      };
    case 'HTTP/1':
      return { kind: { case: 'http1', value: { routes: routes() } } };
    case 'HTTP/2':
      return { kind: { case: 'http2', value: { routes: routes() } } };
    case 'gRPC':
      return { kind: { case: 'grpc', value: { routes: [...defaultGrpcRoutes] } } };
    case 'opaque':
      return { kind: { case: 'opaque', value: {} } };
    case 'TLS':
      return { kind: { case: 'tls', value: {} } };
  }
}

/** The default policy of a pod's port: the mesh's, or the pod's own, stricter where identity is required. */
function effectivePolicy(config: MeshConfig, pod: Pod, port: number): DefaultPolicy {
  const written = pod.metadata.annotations;
  const policy = parseDefaultPolicy(written[annotations.defaultInboundPolicy]) ?? config.defaultPolicy;
  const strict = parsePortSet(written[annotations.requireIdentityPorts] ?? '', namedPorts(pod));
  return strict.has(port) ? requireIdentity(policy) : policy;
}

/** The policy of a port without a Server. The mesh's list of opaque ports is about clients and not asked here. */
function defaultServer({ config }: AnswerContext, pod: Pod, port: number): Message {
  const policy = effectivePolicy(config, pod, port);
  const opaque = traitsOf(pod).opaquePorts?.has(port) ?? false;
  return create(ServerSchema, {
    protocol: protocolOf(opaque ? 'opaque' : 'unknown', config, pod, port),
    authorizations: [...defaultAuthorizations(config, policy)],
    labels: { group: '', kind: 'default', name: policy },
  });
}

/** Who may speak to a port of a pod, and how. */
export function inboundServer(
  cluster: ClusterReader,
  context: AnswerContext,
  pod: Pod,
  port: number,
): Message {
  const server = serverFor(cluster, pod, port);
  if (server === undefined) return defaultServer(context, pod, port);
  return create(ServerSchema, {
    protocol: protocolOf(server.spec.proxyProtocol, context.config, pod, port),
    authorizations: [...serverAuthorizations(cluster, context, server)],
    labels: { group: POLICY_GROUP, kind: 'server', name: server.metadata.name },
  });
}
