export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

export const severity: Record<LogLevel | 'off', number> = {
  off: 0,
  error: 1,
  warn: 2,
  info: 3,
  debug: 4,
  trace: 5,
};

/** One clause of a filter: records whose target begins with `target` pass up to `level`. */
interface Directive {
  readonly target: string;
  readonly level: number;
}

/**
 * Which records are written: a comma list of `level`, `target` (all of it), `target=level` and clauses on spans.
 * The longest target decides, of equal ones the last; what none speaks of is not written.
 */
export interface LogFilter {
  readonly text: string;
  enabled(target: string, level: LogLevel): boolean;
  /** The severity up to which records of that target pass. */
  severityOf(target: string): number;
}

const levels: ReadonlyMap<string, number> = new Map(
  Object.entries(severity).flatMap(([name, level]) => [
    [name, level],
    [String(level), level],
  ]),
);
const clause = /^(?:([\w:.-]+)?(\[[^\]]*\])?)(?:=(\w+))?$/;

/** What a filter without any clause says. */
const silent: Directive = { target: '', level: severity.warn };

/** Clauses on spans (`target[span{field}]=level`) are understood and have no effect: Weft has no spans. */
function parseDirective(item: string): Directive | 'span' | null {
  const alone = levels.get(item.toLowerCase());
  if (alone !== undefined) return { target: '', level: alone };
  const match = clause.exec(item);
  if (!match) return null;
  const [, target = '', span, word = 'trace'] = match;
  const level = levels.get(word.toLowerCase());
  if (level === undefined) return null;
  return span === undefined ? { target, level } : 'span';
}

/** Reads a filter. Unreadable clauses are left out and returned in `rejected`. */
export function parseFilter(text: string): { filter: LogFilter; rejected: string[] } {
  const directives: Directive[] = [];
  const rejected: string[] = [];
  let spans = 0;
  for (const item of splitClauses(text)) {
    const directive = parseDirective(item);
    if (directive === null) rejected.push(item);
    else if (directive === 'span') spans++;
    else directives.unshift(directive);
  }
  if (directives.length === 0 && spans === 0) directives.push(silent);
  directives.sort((a, b) => b.target.length - a.target.length);
  const cache = new Map<string, number>();
  const levelOf = (target: string): number => {
    let level = cache.get(target);
    if (level === undefined) {
      level = directives.find((d) => target.startsWith(d.target))?.level ?? severity.off;
      cache.set(target, level);
    }
    return level;
  };
  const enabled = (target: string, level: LogLevel): boolean => severity[level] <= levelOf(target);
  return { filter: { text: text.trim(), enabled, severityOf: levelOf }, rejected };
}

/** Splits at commas outside of `[…]` and `{…}`. */
function splitClauses(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let current = '';
  for (const char of text) {
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if (char === ',' && depth === 0) {
      items.push(current.trim());
      current = '';
    } else current += char;
  }
  items.push(current.trim());
  return items.filter((item) => item !== '');
}
