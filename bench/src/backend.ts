import { join } from 'node:path';
import { PORTS, type PodPair } from './pod-pair.ts';
import { LOAD_CPU, placed, startDaemon, waitUntil } from './processes.ts';

/** Starts the application in the server's pod. */
export async function startBackend(program: string, pods: PodPair, directory: string): Promise<void> {
  const { http, http2, grpc, plain, echo, source } = PORTS;
  const ports = [http, http2, grpc, plain, echo, source].map(String);
  const command = placed([program, ...ports], { namespace: pods.server, cpu: LOAD_CPU });
  const daemon = startDaemon('backend', command, { logFile: join(directory, `${pods.server}-backend.log`) });
  await waitUntil(daemon, 'ready', async () => daemon.log().includes('ready'));
}
