/** One setting that could not be used. */
export interface ConfigProblem {
  /** The flag or environment variable as the operator wrote it. */
  readonly key: string;
  /** What it was set to; undefined when a required setting is absent. */
  readonly value: string | undefined;
  readonly problem: string;
}

/** The configuration cannot be used. Every problem is listed, so that one start shows them all. */
export class ConfigError extends Error {
  readonly code = 'config';
  /** Of sysexits.h: the command was used incorrectly. */
  readonly exitCode = 64;
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function describeProblem({ key, value, problem }: ConfigProblem): string {
  return value === undefined ? `${key}: ${problem}` : `${key}=${JSON.stringify(value)}: ${problem}`;
}
