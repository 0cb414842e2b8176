import type { Category, Check, CheckContext, Outcome, Severity } from './check.ts';

/** What came of one check that applies. */
export interface CheckResult {
  readonly category: string;
  readonly check: Check;
  readonly result: 'success' | 'warning' | 'error';
  /** Empty for success. */
  readonly problem: string;
}

export interface CheckListener {
  started(category: string): void;
  /** A check that will be looked at again. */
  waiting(check: Check, problem: string): void;
  finished(result: CheckResult): void;
}

export interface RunOptions {
  /** Checks that may come right are repeated until then, in ms since the epoch. */
  readonly deadline: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** A context whose state is read anew. */
  readonly context: () => CheckContext;
  readonly listener: CheckListener;
}

const RETRY_MS = 5000;

/** Runs all checks in order. Gives whether none failed; warnings do not count. */
export async function runChecks(categories: readonly Category[], options: RunOptions): Promise<boolean> {
  const { listener } = options;
  let success = true;
  let context = options.context();
  for (const { name, checks } of categories) {
    listener.started(name);
    for (const check of checks) {
      let outcome = await outcomeOf(check, context);
      while (outcome.kind === 'failed' && check.retry && options.now() < options.deadline) {
        listener.waiting(check, outcome.problem);
        await options.sleep(RETRY_MS);
        context = options.context();
        outcome = await outcomeOf(check, context);
      }
      if (outcome.kind === 'skipped') continue;
      const severity = severityOf(check, outcome);
      const result = severity === undefined ? 'success' : severity === 'warning' ? 'warning' : 'error';
      const problem = outcome.kind === 'failed' ? outcome.problem : '';
      listener.finished({ category: name, check, result, problem });
      success &&= result !== 'error';
      if (severity === 'fatal') return false;
    }
  }
  return success;
}

function severityOf({ severity }: Check, outcome: Outcome): Severity | undefined {
  return outcome.kind === 'failed' ? (outcome.severity ?? severity) : undefined;
}

async function outcomeOf(check: Check, context: CheckContext): Promise<Outcome> {
  try {
    return await check.run(context);
  } catch (error) {
    return { kind: 'failed', problem: error instanceof Error ? error.message : String(error) };
  }
}
