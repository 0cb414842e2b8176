import { describe, expect, it } from '@jest/globals';
import type { Redirect } from './filter.ts';
import { applyRedirect, type RedirectRequest } from './redirect.ts';

const nothing: Redirect = { scheme: null, host: null, port: 0, path: null, status: 301 };
const request: RedirectRequest = { scheme: 'http', authority: 'old.test', path: '/a/b?q=1' };
const full = (value: string) => ({ path: { kind: 'full', value } }) as const;
const prefix = (value: string) => ({ path: { kind: 'prefix', value } }) as const;

describe('a redirect', () => {
  it.each<[string, Partial<Redirect>, Partial<RedirectRequest>, number, string]>([
    ['replaces the host', { host: 'new.test' }, {}, 1, 'http://new.test/a/b?q=1'],
    [
      'keeps the port with a new host',
      { host: 'new.test' },
      { authority: 'old.test:81' },
      1,
      'http://new.test:81/a/b?q=1',
    ],
    [
      'drops a port that became the default',
      { host: 'n', scheme: 'https' },
      { authority: 'o:443' },
      1,
      'https://n/a/b?q=1',
    ],
    ['replaces the port', { port: 8443, scheme: 'https' }, {}, 1, 'https://old.test:8443/a/b?q=1'],
    [
      'leaves the default port out',
      { port: 443, scheme: 'https' },
      { authority: 'old.test:80' },
      1,
      'https://old.test/a/b?q=1',
    ],
    ['replaces host and port', { host: 'n', port: 81 }, { authority: '[::1]:80' }, 1, 'http://n:81/a/b?q=1'],
    ['keeps brackets', { port: 81 }, { authority: '[::1]:80' }, 1, 'http://[::1]:81/a/b?q=1'],
    ['replaces path and query', full('/new'), {}, 1, 'http://old.test/new'],
    ['replaces the prefix and keeps the query', prefix('/p2'), {}, 2, 'http://old.test/p2/b?q=1'],
    ['replaces the root prefix', prefix('/p2'), {}, 1, 'http://old.test/p2/a/b?q=1'],
    ['joins with one slash', prefix('/p2/'), {}, 2, 'http://old.test/p2/b?q=1'],
    ['replaces the whole path as prefix', prefix('/p2'), { path: '/a?q' }, 2, 'http://old.test/p2?q'],
    ['takes http when no scheme is known', { host: 'n' }, { scheme: '' }, 1, 'http://n/a/b?q=1'],
  ])('%s', (_what, redirect, changed, matched, location) => {
    const outcome = applyRedirect({ ...nothing, ...redirect }, { ...request, ...changed }, matched);
    expect(outcome).toEqual({ kind: 'redirect', status: 301, location });
  });

  it('lets a request pass that is where it should be', () => {
    expect(applyRedirect({ ...nothing, host: 'OLD.test' }, request, 1)).toEqual({ kind: 'none' });
  });

  it('fails where no prefix matched', () => {
    expect(applyRedirect({ ...nothing, ...prefix('/x') }, request, -1)).toMatchObject({ kind: 'invalid' });
  });

  it('fails without an authority, unless it brings one', () => {
    const bare = { ...request, authority: '' };
    expect(applyRedirect({ ...nothing, port: 81 }, bare, 1)).toMatchObject({ kind: 'invalid' });
    expect(applyRedirect({ ...nothing, host: 'n' }, bare, 1)).toMatchObject({ kind: 'redirect' });
  });
});
