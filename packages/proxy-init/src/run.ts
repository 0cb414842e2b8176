import { parseArguments } from './command-line.ts';
import { executor, isOnPath } from './execute.ts';
import { install } from './install.ts';
import { createLog, type Log } from './log.ts';

export interface RunOptions {
  /** Network namespace to work in, a path or a name below /run/netns; wins over `--netns`. */
  netns?: string | undefined;
  /** Receives each line of the log; the default is standard output. */
  write?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Does what the `linkerd-init` container does with these arguments. Running it again replaces the rules.
 * @throws ProxyInitError that names the flag or the command which failed and why.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<void> {
  const invocation = parseArguments(argv);
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const log: Log = createLog(invocation.logFormat, invocation.logLevel, write, () => new Date());
  await install(
    { ...invocation, netns: options.netns ?? invocation.netns },
    { execute: executor(options.signal), isInstalled: isOnPath, log },
  );
}
