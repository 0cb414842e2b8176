import { toBinary } from '@bufbuild/protobuf';
import type { Pod } from '@weft/kubernetes';
import { ServerSchema } from '@weft/proto/inbound';
import { ServiceError } from '@weft/service';
import type { AnswerContext } from '../../answer-context.ts';
import type { ClusterReader } from '../../cluster/cluster.ts';
import type { Question } from '../../publish/publisher.ts';
import { tellWhole, type WholeMessage, wholeMessage } from '../../publish/whole-message.ts';
import type { Workload } from '../../request/workload-token.ts';
import { CONTROL_PLANE_LABEL } from '../../workload/annotations.ts';
import { inboundServer } from './inbound-server.ts';

/** A pod that has a proxy; only those have policy. */
function meshedPod(cluster: ClusterReader, workload: Workload): Pod | undefined {
  if (workload.type !== 'pod') return undefined;
  const pod = cluster.get('Pod', workload.namespace, workload.name);
  return pod?.metadata.labels[CONTROL_PLANE_LABEL] ? pod : undefined;
}

/** @throws ServiceError not_found for a workload nobody knows. */
export function findWorkload(cluster: ClusterReader, workload: Workload, port: number): Pod {
  const pod = meshedPod(cluster, workload);
  if (pod !== undefined) return pod;
  throw new ServiceError('not_found', 'unknown server', {
    data: { namespace: workload.namespace, workload: workload.name, port },
  });
}

/** The policy of a pod's port, encoded. */
export function encodeInboundServer(
  cluster: ClusterReader,
  context: AnswerContext,
  pod: Pod,
  port: number,
): Uint8Array {
  return toBinary(ServerSchema, inboundServer(cluster, context, pod, port));
}

/** What a `WatchPort` asks for; it ends when the pod is gone. */
export function inboundQuestion(
  context: AnswerContext,
  workload: Workload,
  port: number,
): Question<WholeMessage> {
  const key = ['inbound', workload.type, workload.namespace, workload.name, port].join(' ');
  return {
    id: key,
    resolve: () => ({
      api: 'inbound',
      key,
      labels: { namespace: workload.namespace, workload: workload.name, port: String(port) },
      compute: (cluster, last) => {
        const pod = meshedPod(cluster, workload);
        if (pod === undefined) return { type: 'ended' };
        return {
          type: 'state',
          state: wholeMessage(encodeInboundServer(cluster, context, pod, port), last),
        };
      },
      transition: tellWhole,
    }),
  };
}
