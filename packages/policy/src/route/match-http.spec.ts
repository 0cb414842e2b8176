import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type HttpMatch, matchPath } from './http-match.ts';
import { matchHttpRoute } from './match-http.ts';
import {
  exact,
  header,
  httpMatch,
  httpRoute,
  httpTable,
  type NamedRoute,
  prefix,
  regex,
} from './route.builder.ts';

interface Request {
  readonly authority?: string | undefined;
  readonly target?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
}

function find(table: ReturnType<typeof httpTable>, request: Request): string | null {
  const { authority, target = '/', method = 'GET', headers = [] } = request;
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  return matchHttpRoute(table, authority, path, query, method, headers)?.rule.name ?? null;
}

const segment = fc.constantFrom('', 'a', 'b', 'ab', 'a.b');
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join('/')}`);

describe('a path prefix', () => {
  it('takes whole segments, whatever slashes end it', () => {
    fc.assert(
      fc.property(path, path, (wanted, requested) => {
        const match = prefix(wanted).path;
        const trimmed = wanted.replace(/\/+$/, '');
        const oracle = requested === trimmed || requested.startsWith(`${trimmed}/`);
        expect(matchPath(match, requested) >= 0).toBe(oracle);
        if (oracle) expect(matchPath(match, requested)).toBe(Math.max(1, trimmed.length));
      }),
    );
  });

  it('takes everything when it is a slash, even what is no path', () => {
    for (const target of ['/', '/x', '*', '']) expect(matchPath(prefix('/').path, target)).toBe(1);
  });
});

describe('an exact path', () => {
  it('is compared as it stands', () => {
    fc.assert(
      fc.property(path, path, (wanted, requested) => {
        expect(matchPath(exact(wanted).path, requested)).toBe(wanted === requested ? wanted.length : -1);
      }),
    );
  });
});

describe('choosing a route', () => {
  it('answers from one unconditional rule without looking', () => {
    for (const matches of [[], [prefix('/')], [httpMatch({})]]) {
      const table = httpTable(httpRoute({ only: matches }));
      expect(table.only?.rule.name).toBe('only');
      expect(find(table, { target: '/any?x' })).toBe('only');
    }
  });

  it.each([
    ['two rules', httpTable(httpRoute({ a: [], b: [] }))],
    ['a host', httpTable(httpRoute({ a: [] }, 'example.com'))],
    ['a path', httpTable(httpRoute({ a: [prefix('/a')] }))],
    [
      'a method',
      httpTable(httpRoute({ a: [httpMatch({ method: { type: { case: 'unregistered', value: 'X' } } })] })),
    ],
    ['a header', httpTable(httpRoute({ a: [header('x', '1')] }))],
  ])('looks when there is %s', (_what, table) => {
    expect(table.only).toBeNull();
  });

  it('finds nothing without rules', () => {
    expect(find(httpTable(), {})).toBeNull();
    expect(find(httpTable(httpRoute({})), {})).toBeNull();
  });

  it('prefers the longest path, whatever its kind', () => {
    const table = httpTable(
      httpRoute({ short: [prefix('/a')], long: [prefix('/a/b')], regex: [regex('/a/.*')] }),
    );
    expect(find(table, { target: '/a' })).toBe('short');
    expect(find(table, { target: '/a/b' })).toBe('long');
    expect(find(table, { target: '/a/b/c' })).toBe('regex');
    expect(find(table, { target: '/b' })).toBeNull();
  });

  it('then more headers, then more query parameters, then a method, then the first', () => {
    const query = (...names: string[]) =>
      httpMatch({ queryParams: names.map((name) => ({ name, value: { case: 'exact', value: '1' } })) });
    const table = httpTable(
      httpRoute({
        first: [httpMatch({})],
        second: [httpMatch({})],
        method: [httpMatch({ method: { type: { case: 'registered', value: 1 } } })],
        query: [query('q')],
        queries: [query('q', 'r')],
        header: [header('x', '1')],
      }),
    );
    expect(find(table, {})).toBe('first');
    expect(find(table, { method: 'POST' })).toBe('method');
    expect(find(table, { method: 'POST', target: '/?q=1' })).toBe('query');
    expect(find(table, { method: 'POST', target: '/?r=1&q=1' })).toBe('queries');
    expect(find(table, { method: 'POST', target: '/?q=1&r=1', headers: ['x', '1'] })).toBe('header');
  });

  it('prefers hosts over paths: exact, then suffix by length, then none', () => {
    const table = httpTable(
      httpRoute({ any: [exact('/a/long/path')] }),
      httpRoute({ suffix: [] }, '*.example.com'),
      httpRoute({ deep: [] }, '*.deep.example.com'),
      httpRoute({ exact: [] }, 'foo.example.com', 'Bar.test'),
    );
    const target = '/a/long/path';
    const answers = {
      'other.org': 'any',
      'foo.example.com': 'exact',
      'FOO.example.COM:8080': 'exact',
      'user@foo.example.com.': 'exact',
      'bar.test': 'exact',
      'x.example.com': 'suffix',
      'x.deep.example.com': 'deep',
      'example.com': 'any',
      'barexample.com': 'any',
      '[::1]:80': 'any',
    };
    for (const [authority, rule] of Object.entries(answers)) {
      expect([authority, find(table, { authority, target })]).toEqual([authority, rule]);
    }
    expect(find(table, { target })).toBe('any');
    expect(find(table, { authority: 'other.org', target: '/' })).toBeNull();
  });

  it('minds a trailing dot only where the match has one', () => {
    const table = httpTable(httpRoute({ dotted: [] }, 'a.test.'), httpRoute({ suffix: [] }, '*.b.test'));
    expect(find(table, { authority: 'a.test' })).toBeNull();
    expect(find(table, { authority: 'a.test.' })).toBe('dotted');
    expect(find(table, { authority: 'x.b.test.' })).toBe('suffix');
  });

  it('asks one of several matches to hold, and all of its parts', () => {
    const posted = httpMatch({
      method: { type: { case: 'registered', value: 1 } },
      headers: [{ name: 'X-K', value: { case: 'exact', value: Buffer.from('v') } }],
    });
    const table = httpTable(httpRoute({ some: [exact('/a'), posted] }));
    expect(find(table, { target: '/a' })).toBe('some');
    expect(find(table, { target: '/c', headers: ['x-k', 'v'] })).toBeNull();
    expect(find(table, { target: '/c', method: 'POST', headers: ['x-k', 'v'] })).toBe('some');
  });

  it('compares headers by their bytes, any field of the name, and expressions on text alone', () => {
    const bytes = httpMatch({
      headers: [{ name: 'x', value: { case: 'exact', value: Uint8Array.of(0xe9) } }],
    });
    const text = httpMatch({ headers: [{ name: 'x', value: { case: 'regex', value: '[^a]*' } }] });
    const table = httpTable(httpRoute({ bytes: [bytes], text: [text] }));
    expect(find(table, { headers: ['x', 'a', 'x', '\xe9'] })).toBe('bytes');
    expect(find(table, { headers: ['x', 'a', 'x', 'b'] })).toBe('text');
    expect(find(table, { headers: ['x', '\xe8'] })).toBeNull();
  });

  it('decodes query parameters', () => {
    const table = httpTable(
      httpRoute({
        decoded: [httpMatch({ queryParams: [{ name: 'a b', value: { case: 'exact', value: 'é/&' } }] })],
        odd: [httpMatch({ queryParams: [{ name: '?a', value: { case: 'regex', value: '.*' } }] })],
      }),
    );
    expect(find(table, { target: '/?z=1&a+b=%C3%A9%2F%26' })).toBe('decoded');
    expect(find(table, { target: '/??a' })).toBe('odd');
    expect(find(table, { target: '/?a' })).toBeNull();
  });

  it('tells how much of the path a prefix took', () => {
    const table = httpTable(
      httpRoute({ prefix: [prefix('/a/b/')], exact: [exact('/x')], regex: [regex('/y.*')], any: [] }),
    );
    const length = (target: string) =>
      matchHttpRoute(table, undefined, target, '', 'GET', [])?.matchedPathLength;
    expect(['/a/b/c', '/x', '/yy', '/'].map(length)).toEqual([4, -1, -1, 1]);
  });

  it('is what ranking all matching rules by hand gives', () => {
    const match = fc.oneof(
      path.map(prefix),
      path.map(exact),
      fc.constantFrom('x', 'y').map((name) => header(name, '1')),
      fc.constant(httpMatch({ method: { type: { case: 'registered', value: 0 } } })),
    );
    const rules = fc.array(fc.array(match, { maxLength: 2 }), { maxLength: 4 });
    const route = fc
      .tuple(rules, fc.constantFrom<string[]>([], ['a.test'], ['*.test']))
      .map(([list, hosts]) =>
        httpRoute(Object.fromEntries(list.map((matches, i) => [`rule${i}`, matches])), ...hosts),
      );
    const request = fc.record({
      authority: fc.constantFrom('a.test', 'b.test', 'c.org'),
      target: path,
      headers: fc.constantFrom([], ['x', '1'], ['y', '1', 'x', '1']),
    });
    fc.assert(
      fc.property(fc.array(route, { maxLength: 4 }), request, (routes, asked) => {
        const table = httpTable(...routes);
        const found = matchHttpRoute(table, asked.authority, asked.target, '', 'GET', asked.headers);
        expect(found?.rule).toBe(byHand(routes, asked)?.rule);
      }),
      { numRuns: 300 },
    );
  });
});

type Rule = NamedRoute<HttpMatch>['rules'][number];

/** Lists every match as a row of ranks and sorts. */
function byHand(
  routes: readonly NamedRoute<HttpMatch>[],
  { authority, target, headers }: { authority: string; target: string; headers: readonly string[] },
): { rule: Rule } | undefined {
  const rows: { rule: Rule; ranks: number[] }[] = [];
  for (const { hosts, rules } of routes) {
    const host = hosts[0];
    const fits =
      host === undefined ||
      (host.kind === 'exact' ? authority === host.host : authority.endsWith(host.suffix));
    if (!fits) continue;
    for (const rule of rules) {
      for (const match of rule.matches.length === 0 ? [prefix('/')] : rule.matches) {
        const { path: wanted, headers: names } = match;
        const text = wanted.kind === 'exact' ? wanted.path : wanted.kind === 'prefix' ? wanted.prefix : '';
        const pathFits =
          target === text || (wanted.kind === 'prefix' && (text === '' || target.startsWith(`${text}/`)));
        if (!pathFits || !names.every(({ name }) => headers.includes(name))) continue;
        const hostRank = host === undefined ? 0 : host.kind === 'exact' ? 2 : 1;
        rows.push({ rule, ranks: [hostRank, Math.max(1, text.length), names.length, match.method ? 1 : 0] });
      }
    }
  }
  return rows.reduce<(typeof rows)[number] | undefined>((best, row) => {
    const difference = best && row.ranks.map((rank, i) => rank - best.ranks[i]!).find((rank) => rank !== 0);
    return best === undefined || (difference ?? 0) > 0 ? row : best;
  }, undefined);
}
