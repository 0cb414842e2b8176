import type { InboundServerPolicies } from '@weft/proto/inbound';
import type { Handlers } from '@weft/service';
import { encodeInboundServer, findWorkload, inboundQuestion } from '../policy/inbound/inbound-question.ts';
import { checkPort, parseWorkload } from '../request/workload-token.ts';
import type { ApiDependencies } from './destination-api.ts';

/** Who may speak to a workload's ports, asked by the proxy beside it. */
export function inboundApi({
  cluster,
  publisher,
  context,
}: ApiDependencies): Handlers<typeof InboundServerPolicies> {
  return {
    getPort: async ({ workload, port }) => {
      const pod = findWorkload(cluster, parseWorkload(workload), checkPort(port));
      return encodeInboundServer(cluster, context, pod, port);
    },
    watchPort: ({ workload, port }) => {
      const target = parseWorkload(workload);
      findWorkload(cluster, target, checkPort(port));
      return publisher.open(inboundQuestion(context, target, port));
    },
  };
}
