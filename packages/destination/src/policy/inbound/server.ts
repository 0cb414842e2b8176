import { allContainers, type Pod, type Server, selects } from '@weft/kubernetes';
import type { AnswerContext } from '../../answer-context.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import { policyAuthorization, targetsServer } from './authorization-policy.ts';
import type { AuthzInit } from './authz.ts';
import { defaultAuthorizations } from './default-policy.ts';
import { parseDefaultPolicy } from './policy-name.ts';
import { authorizesServer, serverAuthorization } from './server-authorization.ts';

interface Named {
  readonly metadata: { readonly creationTimestamp: string; readonly name: string };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order in which objects of one kind have their say: the older first, then by name. */
export function byAge(a: Named, b: Named): number {
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name)
  );
}

function isPortOf({ spec }: Server, pod: Pod, port: number): boolean {
  if (typeof spec.port === 'number') return spec.port === port;
  return allContainers(pod)
    .flatMap(({ ports }) => ports)
    .some(
      ({ name, containerPort, protocol }) =>
        name === spec.port && containerPort === port && protocol === 'TCP',
    );
}

/** The Server that governs a port of a pod: the oldest of those that select it. */
export function serverFor(cluster: ClusterReader, pod: Pod, port: number): Server | undefined {
  return cluster
    .inNamespace('Server', pod.metadata.namespace)
    .filter((server) => selects(server.spec.podSelector, pod.metadata.labels) && isPortOf(server, pod, port))
    .sort(byAge)[0];
}

/** Everyone whom policies, authorizations and the Server's own access policy let in. */
export function serverAuthorizations(
  cluster: ClusterReader,
  context: AnswerContext,
  server: Server,
): readonly AuthzInit[] {
  const { namespace } = server.metadata;
  const policies = cluster
    .inNamespace('AuthorizationPolicy', namespace)
    .filter((policy) => targetsServer(policy, server))
    .sort(byAge)
    .map((policy) => policyAuthorization(cluster, context, policy));
  const authorizations = cluster
    .inNamespace('ServerAuthorization', namespace)
    .filter((object) => authorizesServer(object, server))
    .sort(byAge)
    .map((object) => serverAuthorization(context.config, object));
  const access = parseDefaultPolicy(server.spec.accessPolicy);
  const granted = access === undefined ? [] : defaultAuthorizations(context.config, access);
  return [...[...policies, ...authorizations].filter((authz) => authz !== undefined), ...granted];
}
