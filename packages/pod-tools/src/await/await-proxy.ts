import { UsageError } from '../usage-error.ts';
import { type AwaitOptions, parseArguments } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import { shutDown, untilReady } from './proxy.ts';
import { become, runBeside, type Surroundings } from './run-command.ts';

const DISABLING = ['LINKERD_AWAIT_DISABLED', 'LINKERD_DISABLED'];

/**
 * `linkerd-await`: waits until the pod's proxy is ready, then runs a command, and with `--shutdown` ends the
 * proxy after it. Resolves with the exit code.
 */
export async function awaitProxy(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  let options: AwaitOptions;
  try {
    options = parseArguments(argv, surroundings.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    surroundings.say(error.message);
    return exitCodes.usage;
  }
  const disabling = DISABLING.find((name) => (surroundings.env[name] ?? '') !== '');
  if (disabling !== undefined) {
    surroundings.say(`not waiting for the proxy: ${disabling} is ${surroundings.env[disabling]}`);
    return options.command.length === 0 ? 0 : become(options.command, surroundings);
  }
  if (!(await isReadyInTime(options, surroundings)) && options.timeoutFatal) return exitCodes.unavailable;
  if (options.command.length === 0) return 0;
  if (!options.shutdown) return become(options.command, surroundings);
  const code = await runBeside(options.command, surroundings);
  await shutDown(options.port);
  return code;
}

async function isReadyInTime(options: AwaitOptions, { say }: Surroundings): Promise<boolean> {
  const { port, timeoutMs, verbose } = options;
  const late = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs);
  const onWaiting = (status: number | undefined) => {
    if (verbose) say(`the proxy is not ready: ${status === undefined ? 'no answer' : `status ${status}`}`);
  };
  try {
    await untilReady(options, onWaiting, late.signal);
    return true;
  } catch (error) {
    if (!late.signal.aborted) throw error;
    say(`the proxy at localhost:${port} did not get ready within ${timeoutMs} ms`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}
