import { RegexSyntaxError } from './syntax.ts';

/** Reads a pattern code point by code point. */
export class Scanner {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get done(): boolean {
    return this.#at >= this.#pattern.length;
  }

  sees(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at);
  }

  next(): string {
    const code = this.#pattern.codePointAt(this.#at);
    if (code === undefined) return this.fail('unexpected end');
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return char;
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** What lies before `end`, which is consumed too. */
  takeUntil(end: string): string {
    const close = this.#pattern.indexOf(end, this.#at);
    if (close < 0) return this.fail(`${end} is missing`);
    const text = this.#pattern.slice(this.#at, close);
    this.#at = close + end.length;
    return text;
  }

  fail(problem: string): never {
    throw new RegexSyntaxError(problem, this.#at);
  }
}
