import { parseArguments, type ValidatorOptions } from './arguments.ts';
import { createLog } from './log.ts';
import { validateNetwork } from './validate-network.ts';

/** What the CNI plugin's repair controller looks for. */
export const UNSUCCESSFUL = 95;

export interface RunOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (line: string) => void;
  /** Aborted by a signal to the process. */
  readonly signal: AbortSignal;
}

/** `linkerd2-network-validator`: resolves with 0 when the pod's traffic is redirected, with 95 otherwise. */
export async function run(argv: readonly string[], { env, write, signal }: RunOptions): Promise<number> {
  let options: ValidatorOptions;
  try {
    options = parseArguments(argv, env);
  } catch (error) {
    write((error as Error).message);
    return UNSUCCESSFUL;
  }
  const log = createLog(options, write);
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`nothing was proved within ${options.timeoutMs} ms`)),
    options.timeoutMs,
  );
  try {
    await validateNetwork(options, log, AbortSignal.any([signal, late.signal]));
    log('info', 'the network is validated');
    return 0;
  } catch (error) {
    log('error', (error as Error).message);
    return UNSUCCESSFUL;
  } finally {
    clearTimeout(timer);
  }
}
