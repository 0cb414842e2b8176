import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '../api-server.ts';
import type { ServiceProcess } from '../service-process.ts';
import { Witness } from '../witness.ts';

/** A service that has to do with the cluster's API server what it does, with its own rights, before a witness. */
export interface WitnessedService {
  readonly witness: Witness;
  /** Has it do all that it ever asks an API server for. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

export interface Stage {
  readonly witness: Witness;
  /** Where files of the service may be put; `kubeconfig` is there. */
  readonly directory: string;
}

/** Makes a witness for a service account, and a place for the service's files. */
export async function stageFor(api: ApiServer, account: string): Promise<Stage> {
  const witness = new Witness(api, { namespace: 'linkerd', account });
  const directory = mkdtempSync(join(tmpdir(), 'weft-witness-'));
  writeFileSync(join(directory, 'kubeconfig'), await witness.listen());
  return { witness, directory };
}

export async function clear({ witness, directory }: Stage, service: ServiceProcess): Promise<void> {
  await service.stop();
  witness.close();
  rmSync(directory, { recursive: true, force: true });
}
