import type { ConfigProblem } from './config-error.ts';

/** Reads a value, or throws an Error whose message says what would have been right. */
export type Parse<T> = (text: string) => T;

const PREFIX = 'LINKERD2_PROXY_';

/**
 * The variables, with what is wrong with them. Reading goes on after a mistake, with a stand-in, so that all
 * mistakes are reported at once. Names are given without their common prefix.
 */
export class Environment {
  readonly problems: ConfigProblem[] = [];
  readonly warnings: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  text(name: string): string | undefined {
    return this.#env[PREFIX + name];
  }

  /** A variable whose name has no prefix. */
  foreign(name: string): string | undefined {
    return this.#env[name];
  }

  /** `fallback` when the variable is unset; an empty value is a value. */
  read<T>(name: string, parse: Parse<T>, fallback: T): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    try {
      return parse(text);
    } catch (error) {
      this.reject(name, error instanceof Error ? error.message : String(error));
      return fallback;
    }
  }

  optional<T>(name: string, parse: Parse<T>): T | undefined {
    return this.read<T | undefined>(name, parse, undefined);
  }

  /** As `optional`, but an empty value means none. */
  optionalOrEmpty<T>(name: string, parse: Parse<T>): T | undefined {
    return this.text(name)?.trim() === '' ? undefined : this.optional(name, parse);
  }

  /** `standIn` keeps the types whole; nobody sees it, since a problem was noted. */
  required<T>(name: string, parse: Parse<T>, standIn: T): T {
    if (this.text(name) === undefined) this.reject(name, 'required, but not set');
    return this.read(name, parse, standIn);
  }

  reject(name: string, reason: string): void {
    this.problems.push({ variable: PREFIX + name, value: this.text(name), reason });
  }

  warn(name: string, text: string): void {
    this.warnings.push(`${PREFIX}${name}: ${text}`);
  }
}
