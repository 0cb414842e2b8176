import { join } from 'node:path';
import { waitFor } from '../../../harness/wait-for.ts';
import type { ApiServer } from '../api-server.ts';
import { ServiceProcess } from '../service-process.ts';
import { clear, stageFor, type WitnessedService } from './witnessed-service.ts';

/** It lists and watches; which kinds, is for the witness to say. */
export async function witnessedDestination(api: ApiServer): Promise<WitnessedService> {
  const stage = await stageFor(api, 'linkerd-destination');
  const listeners = ['addr', 'policy-addr', 'metrics-addr'].map((flag) => `-${flag}=127.0.0.1:0`);
  const service = new ServiceProcess('destination', [
    ...listeners,
    `-kubeconfig=${join(stage.directory, 'kubeconfig')}`,
  ]);
  const countOf = (verb: string) => stage.witness.done.filter((what) => what.startsWith(`${verb} `)).length;
  return {
    witness: stage.witness,
    work: async () => {
      await service.ready();
      await waitFor('all that was listed is watched', 10_000, () => countOf('watch') === countOf('list'));
    },
    stop: () => clear(stage, service),
  };
}
