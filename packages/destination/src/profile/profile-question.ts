import { podIps } from '@weft/kubernetes';
import { ServiceError } from '@weft/service';
import type { AnswerContext } from '../answer-context.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import type { Question } from '../publish/publisher.ts';
import type { Answer } from '../publish/topic.ts';
import type { WholeMessage } from '../publish/whole-message.ts';
import type { Authority } from '../request/authority.ts';
import type { ClientContext } from '../request/context-token.ts';
import { endpointProfileAnswer, findPod } from './endpoint-profile.ts';
import { serviceProfileAnswer } from './service-profile.ts';

type ByType<T extends Authority['type']> = Extract<Authority, { type: T }>;

/** A service's cluster IP, else an endpoint. @throws ServiceError when the address is of several. */
function byIp(
  cluster: ClusterReader,
  context: AnswerContext,
  { ip, port }: ByType<'ip'>,
  clientNamespace: string,
): Answer<WholeMessage> {
  const services = cluster.by('serviceByIp', ip);
  const [service] = services;
  if (services.length > 1) {
    const names = services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
    throw new ServiceError('failed_precondition', `Service IP conflict: ${ip} is of ${names.join(', ')}`);
  }
  if (service !== undefined) {
    const { namespace, name } = service.metadata;
    return serviceProfileAnswer(cluster, context, { namespace, service: name, port }, clientNamespace);
  }
  findPod(cluster, ip, port);
  return endpointProfileAnswer(context, ip, port);
}

/** The endpoint profile of the pod with this hostname. @throws ServiceError not_found without one. */
function byInstance(
  cluster: ClusterReader,
  context: AnswerContext,
  { namespace, service, instance, port }: ByType<'instance'>,
): Answer<WholeMessage> {
  for (const slice of cluster.by('sliceByService', `${namespace}/${service}`))
    for (const { hostname, targetRef } of slice.endpoints) {
      if (hostname !== instance || targetRef?.kind !== 'Pod') continue;
      const pod = cluster.get('Pod', targetRef.namespace || namespace, targetRef.name);
      const [ip] = pod === undefined ? [] : podIps(pod);
      if (ip !== undefined) return endpointProfileAnswer(context, ip, port);
    }
  throw new ServiceError('not_found', `No pod ${instance} of service ${service}.${namespace}`, {
    data: { namespace, service, instance },
  });
}

/** @throws ServiceError as a stock control plane does: its lister's own error becomes UNKNOWN. */
function checkService(cluster: ClusterReader, { namespace, service }: ByType<'service'>): void {
  const data = { namespace, service };
  const found = cluster.get('Service', namespace, service);
  if (found === undefined) throw new ServiceError('unknown', `service "${service}" not found`, { data });
  if (found.spec.type === 'ExternalName')
    throw new ServiceError('invalid_argument', `Service ${service}.${namespace} is of type ExternalName`, {
      data,
    });
}

/** What a `GetProfile` asks for. */
export function profileQuestion(
  context: AnswerContext,
  target: Authority,
  client: ClientContext,
): Question<WholeMessage> {
  return {
    id: ['profile', client.namespace, JSON.stringify(target)].join(' '),
    resolve: (cluster) => {
      switch (target.type) {
        case 'ip':
          return byIp(cluster, context, target, client.namespace);
        case 'instance':
          return byInstance(cluster, context, target);
        case 'service':
          return serviceProfileAnswer(cluster, context, target, client.namespace);
      }
    },
  };
}

/** @throws ServiceError when a question that was just asked has no answer. */
export function checkProfileTarget(cluster: ClusterReader, target: Authority): void {
  if (target.type === 'service') checkService(cluster, target);
}
