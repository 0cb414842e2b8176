import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileRegex } from './regex.ts';

function compile(pattern: string) {
  const compiled = compileRegex(pattern);
  if ('problem' in compiled) throw new Error(`${pattern}: ${compiled.problem}`);
  return compiled.regex;
}

/** Patterns both this engine and JavaScript read alike. */
const atom = fc.constantFrom(
  'a',
  'b',
  '/',
  '.',
  '[ab]',
  '[^a/]',
  '\\d',
  '\\w',
  '\\.',
  '[a-c1-3]',
  '\\b',
  '^',
  '$',
);
const repeatable = fc.constantFrom('a', 'b', '/', '.', '[ab]', '[^a/]', '\\d', '\\W', '[[:digit:]x]');
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(repeatable, fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?')).map((p) => p.join('')),
    fc.tuple(tie('node'), tie('node')).map((p) => p.join('')),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    tie('node').map((node) => `(${node})*`),
    tie('node').map((node) => `(?:${node})?`),
  ),
})).node;
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '/', '.', 'x', '\n', '-'), maxLength: 8 });

describe('a regular expression', () => {
  it('matches whole texts as a backtracking engine does', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const oracle = new RegExp(`^(?:${source.replaceAll('[[:digit:]x]', '[0-9x]')})$`);
        const regex = compile(source);
        for (const candidate of texts) expect(regex.matches(candidate)).toBe(oracle.test(candidate));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['/r/[0-9]+', ['/r/12'], ['/r/12/x', '/x/r/12', '/r/']],
    ['tw[aeo]+', ['two', 'twae'], ['twx', 'two2', 'TWO']],
    ['(?i)bearer .+', ['Bearer x', 'BEARER y z'], ['bearer ']],
    ['(?i:a)b', ['Ab', 'ab'], ['AB']],
    ['(?P<v>v\\d)|beta', ['v1', 'beta'], ['v1beta', 'v']],
    ['a|ab', ['a', 'ab'], ['b']],
    ['\\x41\\u{1F600}\\-\\/', ['A😀-/'], ['A😀-']],
    ['[^é]', ['😀', 'e'], ['é', '']],
    ['[]a-]+', [']a-'], ['b']],
    ['(?s).(?-s:.)', ['\na'], ['a\n']],
    ['(?m)a$\\n^b', ['a\nb'], ['ab']],
    ['', [''], ['a']],
    ['\\bfoo\\b.*', ['foo', 'foo bar'], ['foobar']],
  ])('%j', (source, matching, others) => {
    const regex = compile(source);
    expect(matching.filter((candidate) => !regex.matches(candidate))).toEqual([]);
    expect(others.filter((candidate) => regex.matches(candidate))).toEqual([]);
  });

  it.each([
    ['([', 'unexpected end'],
    ['(a', 'unclosed group'],
    ['a)', 'unopened group'],
    ['*a', 'nothing to repeat'],
    ['a{2,1}', 'bounds reversed'],
    ['a{x}', 'bad repetition'],
    ['a{1001}', 'repetition above 1000'],
    ['(?=a)', 'look-around is not supported'],
    ['(?<!a)', 'look-around is not supported'],
    ['(a)\\1', 'back-references are not supported'],
    ['\\p{L}', 'unknown escape'],
    ['[b-a]', 'bad range'],
    ['[a&&b]', 'set operations are not supported'],
    ['(?x)a', 'unsupported flag'],
    ['(a{500}){500}', 'needs more than 2000 states'],
    [`${'('.repeat(80)}${')'.repeat(80)}`, 'nested deeper'],
  ])('refuses %j', (source, problem) => {
    expect(compileRegex(source)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('refuses patterns of great length', () => {
    expect(compileRegex('a'.repeat(5000))).toEqual({ problem: 'is longer than 4096 characters' });
  });

  it.each(['(a+)+b', '(a|a)*b', '(a*)*b', '(.*a){12}b', '(x+x+)+y', '((a?){20}){20}b'])(
    'answers %j in linear time',
    (source) => {
      const regex = compile(source);
      const started = performance.now();
      expect(regex.matches('a'.repeat(8000))).toBe(false);
      expect(regex.matches('x'.repeat(8000))).toBe(false);
      expect(performance.now() - started).toBeLessThan(5000);
    },
  );

  it('bounds the states it keeps', () => {
    const regex = compile('(?:a|b)*a(?:a|b){11}');
    let state = 1;
    let long = '';
    for (let i = 0; i < 20_000; i += 1) {
      state = (state * 1103515245 + 12345) % 2147483648;
      long += state > 1073741824 ? 'a' : 'b';
    }
    expect(regex.matches(`${long}a${'b'.repeat(11)}`)).toBe(true);
    expect(regex.matches(`${long}b${'b'.repeat(11)}`)).toBe(false);
  });
});
