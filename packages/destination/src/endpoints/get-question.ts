import { type Service, ZONE_LABEL } from '@weft/kubernetes';
import { ServiceError } from '@weft/service';
import type { AnswerContext } from '../answer-context.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import type { Question } from '../publish/publisher.ts';
import type { Answer } from '../publish/topic.ts';
import type { Authority } from '../request/authority.ts';
import type { ClientContext } from '../request/context-token.ts';
import { encodeEndpoint } from './encode-endpoint.ts';
import { encodeTransition } from './encode-update.ts';
import { type EndpointSet, endpointSet } from './endpoint-set.ts';
import { type ClientScope, staysOnNode } from './filter.ts';
import { serviceEndpoints } from './service-endpoints.ts';

export type ServiceAuthority = Exclude<Authority, { type: 'ip' }>;

const REMOTE_CLUSTER_LABEL = 'multicluster.linkerd.io/remote-discovery';
const REMOTE_SERVICE_LABEL = 'multicluster.linkerd.io/remote-service';

/** @throws ServiceError when a service's endpoints are not to be had from this control plane. */
export function checkDiscoverable(
  service: Service | undefined,
  { namespace, service: name }: { readonly namespace: string; readonly service: string },
): Service {
  const data = { namespace, service: name };
  if (service === undefined)
    throw new ServiceError('not_found', `Service ${name}.${namespace} not found`, { data });
  if (service.spec.type === 'ExternalName')
    throw new ServiceError('invalid_argument', `Service ${name}.${namespace} is of type ExternalName`, {
      data,
    });
  const cluster = service.metadata.labels[REMOTE_CLUSTER_LABEL];
  if (cluster === undefined) return service;
  if (!service.metadata.labels[REMOTE_SERVICE_LABEL])
    throw new ServiceError(
      'failed_precondition',
      `Service ${name}.${namespace} lacks the label ${REMOTE_SERVICE_LABEL}`,
      { data },
    );
  throw new ServiceError('not_found', `Remote cluster ${cluster} not found`, { data: { ...data, cluster } });
}

/** The endpoints of one service port for clients of one scope. */
function endpointsAnswer(
  { config, reporter }: AnswerContext,
  { namespace, service, port }: ServiceAuthority,
  scope: ClientScope,
): Answer<EndpointSet> {
  return {
    api: 'get',
    key: ['get', namespace, service, port, scope.instance, scope.zone, scope.node].join(' '),
    labels: {
      cluster: 'local',
      namespace,
      service,
      port: String(port),
      hostname: scope.instance,
      nodename: scope.node,
    },
    compute: (cluster, last) => {
      const found = serviceEndpoints(cluster, config, { namespace, service, port }, scope);
      for (const { pod, reason } of found.leftOut) reporter.unusablePod(pod, reason);
      return { type: 'state', state: endpointSet(found, last, (facts) => encodeEndpoint(config, facts)) };
    },
    transition: encodeTransition,
  };
}

/**
 * What a `Get` asks for. Clients differ by their zone, and by their node only for services whose traffic stays
 * on it: all others share one answer.
 */
export function getQuestion(
  context: AnswerContext,
  target: ServiceAuthority,
  { nodeName }: ClientContext,
): Question<EndpointSet> {
  const { namespace, service, port } = target;
  const instance = target.type === 'instance' ? target.instance : '';
  return {
    id: ['get', namespace, service, port, instance, nodeName].join(' '),
    resolve: (cluster: ClusterReader) => {
      const node = nodeName === '' ? undefined : cluster.get('Node', '', nodeName);
      return endpointsAnswer(context, target, {
        instance,
        zone: node?.metadata.labels[ZONE_LABEL] ?? '',
        node: staysOnNode(cluster.get('Service', namespace, service)) ? nodeName : '',
      });
    },
  };
}
