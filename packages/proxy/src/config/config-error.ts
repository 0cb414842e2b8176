/** One variable that could not be understood. */
export interface ConfigProblem {
  readonly variable: string;
  /** As found; undefined when it is missing. */
  readonly value: string | undefined;
  readonly reason: string;
}

/** Long values (certificates, for one) are shown by their beginning. */
const SHOWN = 80;

/** Everything that is wrong with the environment, not only the first mistake. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalid-configuration';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(`invalid configuration: ${problems.map(describe).join('; ')}`);
    this.problems = problems;
  }
}

function describe({ variable, value, reason }: ConfigProblem): string {
  if (value === undefined) return `${variable}: ${reason}`;
  const shown = JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  return `${variable}=${shown}: ${reason}`;
}
