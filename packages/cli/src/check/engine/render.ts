import type { Marks } from '../../terminal/marks.ts';
import type { CheckResult } from './run-checks.ts';

const HINTS = 'https://linkerd.io/2/checks/#';

/** Where more is said about a check; undefined where that is nowhere. */
function hintOf({ check: { anchor } }: CheckResult): string | undefined {
  return anchor === undefined ? undefined : `${HINTS}${anchor}`;
}

/** A category's headline. */
export function renderCategory(name: string): string {
  return `${name}\n${'-'.repeat(name.length)}\n`;
}

/** A line for a check, and under it what is wrong and what to do. */
export function renderResult(result: CheckResult, marks: Marks): string {
  const { check, problem } = result;
  const mark = { success: marks.ok, warning: marks.warning, error: marks.error }[result.result];
  const line = `${mark} ${check.description}\n`;
  if (result.result === 'success') return line;
  const hint = hintOf(result);
  const notes = [
    ...problem.split('\n'),
    ...(check.remedy === undefined ? [] : [check.remedy]),
    ...(hint === undefined ? [] : [`see ${hint} for hints`]),
  ];
  return line + notes.map((note) => `    ${note}\n`).join('');
}

export function renderStatus(success: boolean, marks: Marks): string {
  return `Status check results are ${success ? marks.ok : marks.error}\n`;
}

/** One JSON document with everything that was looked at. */
export function renderCheckJson(results: readonly CheckResult[], success: boolean): string {
  const names = [...new Set(results.map(({ category }) => category))];
  const categories = names.map((categoryName) => ({
    categoryName,
    checks: results.filter(({ category }) => category === categoryName).map(jsonOf),
  }));
  return `${JSON.stringify({ success, categories }, null, 2)}\n`;
}

function jsonOf(result: CheckResult) {
  const { check, problem } = result;
  if (result.result === 'success') return { description: check.description, result: result.result };
  const { remedy } = check;
  return {
    description: check.description,
    hint: hintOf(result),
    ...(remedy !== undefined && { remedy }),
    error: problem,
    result: result.result,
  };
}
