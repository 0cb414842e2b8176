import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { HelmError } from './helm-error.ts';

const MISSING = `the helm program is needed to render the charts, and it is not there. Get it
  from https://helm.sh/docs/intro/install/,
  or by go install helm.sh/helm/v3/cmd/helm@latest,
and see that it is on PATH, or name it in the variable HELM`;

export interface HelmRun {
  readonly args: readonly string[];
  /** What helm reads from standard input; undefined: what this program would read there. */
  readonly stdin?: string;
  readonly signal: AbortSignal;
}

/** Runs helm (`HELM`, or the one on PATH) and gives what it prints. @throws HelmError */
export async function runHelm({ args, stdin, signal }: HelmRun): Promise<string> {
  const program = process.env.HELM ?? 'helm';
  const child = spawn(program, args, {
    stdio: [stdin === undefined ? 'inherit' : 'pipe', 'pipe', 'pipe'],
    signal,
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  // A helm that fails early does not read to the end; its own message tells why.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  try {
    const [stdout, stderr, status] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
    if (status !== 0) throw new HelmError('render_failed', messageOf(stderr));
    return stdout;
  } catch (cause) {
    signal.throwIfAborted();
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new HelmError('helm_missing', MISSING, cause);
    throw cause;
  }
}

/** The last word of helm, without what is for people who wrote the chart. */
function messageOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('Use --debug'));
  return `helm: ${lines.join('\n').replace(/^Error: /, '')}`;
}
