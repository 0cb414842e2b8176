import type { MessageInitShape } from '@bufbuild/protobuf';
import { allContainers, type Container, type Pod } from '@weft/kubernetes';
import { HttpMethod_Registered } from '@weft/proto/http_types';
import type { GrpcRouteSchema, HttpRouteSchema } from '@weft/proto/inbound';
import type { MeshConfig } from '../../mesh-config.ts';
import { defaultMetadata } from '../../wire/metadata.ts';
import { anyClient, authorization, networks } from './authz.ts';

export type HttpRouteInit = MessageInitShape<typeof HttpRouteSchema>;
export type GrpcRouteInit = MessageInitShape<typeof GrpcRouteSchema>;

const defaultRoute: HttpRouteInit = {
  metadata: defaultMetadata('default'),
  rules: [{ matches: [{ path: { kind: { case: 'prefix', value: '/' } } }] }],
};

/** The route of gRPC servers without routes of their own: every method. */
export const defaultGrpcRoutes: readonly GrpcRouteInit[] = [
  { metadata: defaultMetadata('default'), rules: [{ matches: [{ rpc: {} }] }] },
];

function probePort({ ports }: Container, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  const wanted = port.toLowerCase();
  return ports.find(({ name, protocol }) => protocol === 'TCP' && name?.toLowerCase() === wanted)
    ?.containerPort;
}

/** The path of a probe without its query; undefined when it is none. */
function probePath(path = '/'): string | undefined {
  const [bare = ''] = (path === '' ? '/' : path).split(/[?#]/);
  const absolute = bare.startsWith('/') ? bare : `/${bare}`;
  return /[\s\x00-\x1f]/.test(absolute) ? undefined : absolute;
}

/** The paths that the kubelet probes on a port. */
function probePaths(pod: Pod, port: number): readonly string[] {
  const paths = new Set<string>();
  for (const container of allContainers(pod))
    for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
      if (probe?.httpGet === undefined || probePort(container, probe.httpGet.port) !== port) continue;
      const path = probePath(probe.httpGet.path);
      if (path !== undefined) paths.add(path);
    }
  return [...paths].sort();
}

/** Lets the kubelet probe whatever the policy of the port is; undefined when it has nothing to probe there. */
function probeRoute(config: MeshConfig, pod: Pod, port: number): HttpRouteInit | undefined {
  const paths = probePaths(pod, port);
  const from = networks(config.probeNetworks);
  if (paths.length === 0 || from.length === 0) return undefined;
  const method = { type: { case: 'registered', value: HttpMethod_Registered.GET } } as const;
  const matches = paths.map((value) => ({ path: { kind: { case: 'exact', value } as const }, method }));
  return {
    metadata: defaultMetadata('probe'),
    authorizations: [authorization({ type: 'default', name: 'probe' }, from, anyClient)],
    rules: [{ matches }],
  };
}

/**
 * The routes of a port to which no route object is attached. Attached ones (HTTPRoute, GRPCRoute) will take
 * the place of both.
 */
export function defaultHttpRoutes(config: MeshConfig, pod: Pod, port: number): readonly HttpRouteInit[] {
  const probes = probeRoute(config, pod, port);
  return probes === undefined ? [defaultRoute] : [defaultRoute, probes];
}
