import type { OutboundPolicies } from '@weft/proto/outbound';
import type { Handlers } from '@weft/service';
import { encodeOutboundPolicy, outboundQuestion } from '../policy/outbound/outbound-question.ts';
import { parseOutboundTarget } from '../request/outbound-target.ts';
import { parseWorkload } from '../request/workload-token.ts';
import type { ApiDependencies } from './destination-api.ts';

/** How a workload's requests reach a target, asked by the proxy beside the workload. */
export function outboundApi({
  cluster,
  publisher,
  context,
}: ApiDependencies): Handlers<typeof OutboundPolicies> {
  const { clusterDomain } = context.config;
  return {
    get: async (spec) => {
      parseWorkload(spec.sourceWorkload);
      return encodeOutboundPolicy(cluster, context, parseOutboundTarget(spec, clusterDomain));
    },
    watch: (spec) => {
      // Only its namespace matters, and only to consumer routes; a token that is none is refused all the same.
      parseWorkload(spec.sourceWorkload);
      return publisher.open(outboundQuestion(context, parseOutboundTarget(spec, clusterDomain)));
    },
  };
}
