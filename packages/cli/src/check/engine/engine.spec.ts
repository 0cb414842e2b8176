import { describe, expect, it } from '@jest/globals';
import { marks } from '../../terminal/marks.ts';
import { contextOf } from '../state.builder.ts';
import {
  type Category,
  type Check,
  failed,
  noneOf,
  type Outcome,
  passed,
  type Severity,
  skipped,
} from './check.ts';
import { jsonDisplay, liveDisplay } from './live-display.ts';
import { type CheckResult, runChecks } from './run-checks.ts';

/** A check that gives these outcomes, one after the other. */
function check(
  description: string,
  severity: Severity,
  outcomes: readonly Outcome[],
  more: Partial<Check> = {},
): Check {
  let looks = 0;
  return { description, severity, run: () => outcomes[Math.min(looks++, outcomes.length - 1)]!, ...more };
}

async function run(categories: readonly Category[], waitMs = 0) {
  const results: CheckResult[] = [];
  const waits: string[] = [];
  let now = 0;
  let contexts = 0;
  const success = await runChecks(categories, {
    deadline: waitMs,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    context: () => {
      contexts += 1;
      return contextOf();
    },
    listener: {
      started: () => {},
      waiting: (_, problem) => waits.push(problem),
      finished: (result) => results.push(result),
    },
  });
  return {
    success,
    waits,
    contexts,
    now,
    results: results.map(({ check: { description }, result }) => `${description}: ${result}`),
  };
}

describe('the engine of checks', () => {
  it('goes through all of them; warnings do not make it fail', async () => {
    const { success, results } = await run([
      { name: 'one', checks: [check('a', 'error', [passed]), check('b', 'warning', [failed('odd')])] },
      {
        name: 'two',
        checks: [check('c', 'error', [skipped]), check('d', 'error', [failed('soon', 'warning')])],
      },
    ]);
    expect({ success, results }).toEqual({
      success: true,
      results: ['a: success', 'b: warning', 'd: warning'],
    });
  });

  it('fails for an error and goes on, and stops at a fatal one', async () => {
    const { success, results } = await run([
      { name: 'one', checks: [check('a', 'error', [failed('no')]), check('b', 'fatal', [failed('no')])] },
      { name: 'two', checks: [check('c', 'error', [passed])] },
    ]);
    expect({ success, results }).toEqual({ success: false, results: ['a: error', 'b: error'] });
  });

  it('looks again, at a state read anew, while something may come right', async () => {
    const late = check('late', 'fatal', [failed('not yet'), failed('nearly'), passed], { retry: true });
    const { success, waits, contexts, now } = await run([{ name: 'one', checks: [late] }], 60_000);
    expect({ success, waits, contexts, now }).toEqual({
      success: true,
      waits: ['not yet', 'nearly'],
      contexts: 3,
      now: 10_000,
    });
  });

  it('gives up at the deadline, and does not wait for what will not change', async () => {
    const never = check('never', 'error', [failed('no')], { retry: true });
    expect(await run([{ name: 'one', checks: [never] }], 9000)).toMatchObject({
      success: false,
      now: 10_000,
    });
    const fixed = check('fixed', 'error', [failed('no')]);
    expect(await run([{ name: 'one', checks: [fixed] }], 9000)).toMatchObject({ success: false, now: 0 });
  });

  it('takes what a check throws for its problem', async () => {
    const broken = check('broken', 'warning', [], { run: () => Promise.reject(new Error('forbidden')) });
    expect(await run([{ name: 'one', checks: [broken] }])).toMatchObject({
      success: true,
      results: ['broken: warning'],
    });
  });

  it('names some of many problems and counts the rest', () => {
    expect(noneOf(['a', 'b', 'c', 'd'], 2)).toEqual({ kind: 'failed', problem: 'a\nb\nand 2 more' });
    expect(noneOf([])).toEqual(passed);
  });
});

describe('how checks are shown', () => {
  const categories: Category[] = [
    { name: 'kubernetes-api', checks: [check('can query', 'fatal', [passed])] },
    {
      name: 'linkerd-identity',
      checks: [
        check('issuer is valid', 'error', [failed('expired\nlong ago')], {
          anchor: 'l5d-issuer',
          remedy: 'make a new one',
        }),
        check('clocks agree', 'warning', [failed('they do not')]),
      ],
    },
  ];
  const shown = async (
    make: (output: { write(text: string): boolean }) => ReturnType<typeof liveDisplay>,
  ) => {
    let text = '';
    const output = {
      write: (more: string) => {
        text += more;
        return true;
      },
    };
    const display = make(output);
    const options = { deadline: 0, now: () => 0, sleep: async () => {}, context: () => contextOf() };
    display.ended(await runChecks(categories, { ...options, listener: display }));
    return text;
  };
  const problems = `linkerd-identity
----------------
× issuer is valid
    expired
    long ago
    make a new one
    see https://linkerd.io/2/checks/#l5d-issuer for hints
‼ clocks agree
    they do not

Status check results are ×
`;

  it('prints a table', async () => {
    expect(await shown((output) => liveDisplay('table', output, output))).toBe(
      `kubernetes-api\n--------------\n√ can query\n\n${problems}`,
    );
  });

  it('prints what is not in order alone, when asked to be short', async () => {
    expect(await shown((output) => liveDisplay('short', output, output))).toBe(problems);
  });

  it('prints one JSON document', async () => {
    expect(JSON.parse(await shown(jsonDisplay))).toEqual({
      success: false,
      categories: [
        { categoryName: 'kubernetes-api', checks: [{ description: 'can query', result: 'success' }] },
        {
          categoryName: 'linkerd-identity',
          checks: [
            {
              description: 'issuer is valid',
              hint: 'https://linkerd.io/2/checks/#l5d-issuer',
              remedy: 'make a new one',
              error: 'expired\nlong ago',
              result: 'error',
            },
            { description: 'clocks agree', error: 'they do not', result: 'warning' },
          ],
        },
      ],
    });
  });

  it('uses colours for terminals alone', () => {
    expect(marks(false)).toEqual({ ok: '√', warning: '‼', error: '×' });
  });
});
