import { runProgram } from '../../harness/run-program.ts';

/**
 * The disposable Kubernetes that the tests may change as they like, as a program with the verbs `up` (starts what is
 * not running and prints the path of a kubeconfig), `kubectl …`, `build FOLDER TAG -f DOCKERFILE` (makes an image and
 * brings it onto the nodes) and `status` (prints names and processes). `WEFT_CLUSTER` names it.
 */
export function clusterProgram(): string {
  const program = process.env.WEFT_CLUSTER;
  if (program === undefined || program === '') {
    throw new Error('WEFT_CLUSTER does not name the program of a cluster: see CONTRIBUTING.md');
  }
  return program;
}

/** Starts the cluster, or what of it has died. */
export async function clusterUp(): Promise<string> {
  return (await clusterVerb('up')).trim();
}

export async function clusterVerb(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runProgram(clusterProgram(), args);
  if (status !== 0)
    throw new Error(`${clusterProgram()} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}
