import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { clusterProgram } from './cluster.ts';
import type { Pod } from './test-namespace.ts';

export interface PortForward {
  /** On loopback. */
  readonly port: number;
  close(): Promise<void>;
}

/** Leads a port of this machine to a port of a pod, by way of the API server. */
export async function forwardPort({ metadata }: Pod, port: number): Promise<PortForward> {
  const args = ['kubectl', 'port-forward', '-n', metadata.namespace, `pod/${metadata.name}`, `:${port}`];
  // The cluster's program may be a script: whatever it has started ends with it.
  const child = spawn(clusterProgram(), args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const end = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGTERM');
  };
  process.once('exit', end);
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const local = Number(/127\.0\.0\.1:(\d+) ->/.exec(line)?.[1]);
  if (!Number.isInteger(local))
    throw new Error(`kubectl port-forward does not say where it listens: ${line}`);
  child.stdout.resume();
  return {
    port: local,
    close: async () => {
      process.off('exit', end);
      const closed = once(child, 'close');
      end();
      await closed;
    },
  };
}
