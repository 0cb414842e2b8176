import { create, toBinary } from '@bufbuild/protobuf';
import { isFinished, isRunning, type Pod, ZONE_LABEL } from '@weft/kubernetes';
import { DestinationProfileSchema } from '@weft/proto/destination';
import { ServiceError } from '@weft/service';
import type { AnswerContext } from '../answer-context.ts';
import type { ClusterReader } from '../cluster/cluster.ts';
import { endpointMessage } from '../endpoints/encode-endpoint.ts';
import { bareEndpoint, type EndpointFacts } from '../endpoints/facts.ts';
import { podEndpoint } from '../endpoints/pod-endpoint.ts';
import type { MeshConfig } from '../mesh-config.ts';
import type { Answer } from '../publish/topic.ts';
import { tellWhole, type WholeMessage, wholeMessage } from '../publish/whole-message.ts';
import { defaultRetryBudget } from './retry-budget.ts';

/** Of pods with one address the one that will stay; a finished pod has given its address back. */
function theOne(pods: readonly Pod[], what: string): Pod | undefined {
  const alive = pods.filter((pod) => !isFinished(pod));
  const staying = alive.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const found = staying.length > 0 ? staying : alive;
  if (found.length > 1) {
    const names = found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
    throw new ServiceError('failed_precondition', `Pod address conflict: ${what} is of ${names.join(', ')}`);
  }
  return found[0];
}

/** The pod behind an address: by pod IP, else by a port it has taken on its node. @throws when there are several. */
export function findPod(cluster: ClusterReader, ip: string, port: number): Pod | undefined {
  return (
    theOne(cluster.by('podByIp', ip), ip) ??
    theOne(cluster.by('podByHostPort', `${ip}:${port}`), `${ip}:${port}`)
  );
}

interface Found {
  readonly endpoint: EndpointFacts;
  readonly opaque: boolean;
}

function describe(
  cluster: ClusterReader,
  { config, reporter }: AnswerContext,
  ip: string,
  port: number,
): Found {
  const pod = findPod(cluster, ip, port);
  // Readiness does not count: peers of a StatefulSet connect to each other before they are ready.
  if (pod === undefined || !isRunning(pod))
    return { endpoint: bareEndpoint(ip, port), opaque: config.defaultOpaquePorts.has(port) };
  const node = pod.spec.nodeName ? cluster.get('Node', '', pod.spec.nodeName) : undefined;
  const zone = node?.metadata.labels[ZONE_LABEL] ?? '';
  const { facts, opaque, broken } = podEndpoint(cluster, config, { pod, ip, port, zone });
  if (broken !== undefined) reporter.unusablePod(pod, broken);
  const labels = { ...facts.labels, namespace: pod.metadata.namespace };
  return { endpoint: { ...facts, labels }, opaque };
}

function encodeProfile(config: MeshConfig, { endpoint, opaque }: Found): Uint8Array {
  const message = create(DestinationProfileSchema, {
    retryBudget: defaultRetryBudget,
    endpoint: endpointMessage(config, endpoint),
    opaqueProtocol: opaque,
  });
  return toBinary(DestinationProfileSchema, message);
}

/** The profile of one address, whatever is behind it. Unknown addresses have one too. */
export function endpointProfileAnswer(
  context: AnswerContext,
  ip: string,
  port: number,
): Answer<WholeMessage> {
  return {
    api: 'profile',
    key: ['endpoint', ip, port].join(' '),
    labels: { workload: `${ip}:${port}` },
    compute: (cluster, last) => ({
      type: 'state',
      state: wholeMessage(encodeProfile(context.config, describe(cluster, context, ip, port)), last),
    }),
    transition: tellWhole,
  };
}
