import { toBinary } from '@bufbuild/protobuf';
import { type OutboundPolicy, OutboundPolicySchema } from '@weft/proto/outbound';
import { ServiceError } from '@weft/service';
import type { AnswerContext } from '../../answer-context.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import type { ServiceAddress } from '../../endpoints/candidates.ts';
import type { Question } from '../../publish/publisher.ts';
import type { Answer } from '../../publish/topic.ts';
import { tellWhole, type WholeMessage, wholeMessage } from '../../publish/whole-message.ts';
import type { OutboundTarget } from '../../request/outbound-target.ts';
import { servicePort } from '../../workload/service-ports.ts';
import { egressFallbackPolicy, isWithin } from './egress-policy.ts';
import { servicePolicy, undefinedPortPolicy } from './service-policy.ts';

/** What a target turned out to be. */
type Parent =
  | { readonly type: 'service'; readonly address: ServiceAddress; readonly byIp: boolean }
  | { readonly type: 'egress'; readonly ip: string; readonly port: number };

/** @throws ServiceError not_found for an address of the cluster that is no service's. */
function parentOf(cluster: ClusterReader, context: AnswerContext, target: OutboundTarget): Parent {
  if (target.type === 'service') {
    const { namespace, service, port } = target;
    return { type: 'service', address: { namespace, service, port }, byIp: false };
  }
  const { ip, port } = target;
  const [service] = cluster.by('serviceByIp', ip);
  if (service !== undefined) {
    const { namespace, name } = service.metadata;
    return { type: 'service', address: { namespace, service: name, port }, byIp: true };
  }
  if (isWithin(context.config.clusterNetworks, ip))
    throw new ServiceError('not_found', 'No such service', { data: { ip, port } });
  return { type: 'egress', ip, port };
}

function policyOf(cluster: ClusterReader, context: AnswerContext, parent: Parent): OutboundPolicy {
  if (parent.type === 'egress') return egressFallbackPolicy(parent.ip, parent.port);
  const { address, byIp } = parent;
  const service = cluster.get('Service', address.namespace, address.service);
  if (byIp && service !== undefined && servicePort(service, address.port) === undefined)
    return undefinedPortPolicy(address);
  return servicePolicy(context, address, service);
}

function answerFor(context: AnswerContext, parent: Parent): Answer<WholeMessage> {
  const key =
    parent.type === 'egress'
      ? ['egress', parent.ip, parent.port]
      : ['outbound', parent.address.namespace, parent.address.service, parent.address.port, parent.byIp];
  return {
    api: 'outbound',
    key: key.join(' '),
    labels: {},
    compute: (cluster, last) => {
      const bytes = toBinary(OutboundPolicySchema, policyOf(cluster, context, parent));
      return { type: 'state', state: wholeMessage(bytes, last) };
    },
    transition: tellWhole,
  };
}

/** The policy of a target, encoded. @throws ServiceError not_found for one that nobody knows. */
export function encodeOutboundPolicy(
  cluster: ClusterReader,
  context: AnswerContext,
  target: OutboundTarget,
): Uint8Array {
  return toBinary(OutboundPolicySchema, policyOf(cluster, context, parentOf(cluster, context, target)));
}

/** What a `Watch` asks for. When an address becomes a service's, or another one's, the answer follows. */
export function outboundQuestion(context: AnswerContext, target: OutboundTarget): Question<WholeMessage> {
  return {
    id: ['outbound', JSON.stringify(target)].join(' '),
    resolve: (cluster) => answerFor(context, parentOf(cluster, context, target)),
  };
}
