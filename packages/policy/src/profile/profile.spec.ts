import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import {
  DestinationProfileSchema,
  type RequestMatchSchema,
  type ResponseMatchSchema,
  type RetryBudgetSchema,
  type RouteSchema,
} from '@weft/proto/destination';
import { HttpMethod_Registered } from '@weft/proto/http_types';
import { decodeProfile } from './decode-profile.ts';
import { isFailureStatus, matchProfileRoute, matchResponseClass } from './match-profile.ts';

type RequestInit = MessageInitShape<typeof RequestMatchSchema>;
type ResponseInit = MessageInitShape<typeof ResponseMatchSchema>;
type RouteInit = MessageInitShape<typeof RouteSchema>;

const path = (regex: string): RequestInit => ({ match: { case: 'path', value: { regex } } });
const method = (value: HttpMethod_Registered): RequestInit => ({
  match: { case: 'method', value: { type: { case: 'registered', value } } },
});
const all = (...matches: RequestInit[]): RequestInit => ({ match: { case: 'all', value: { matches } } });
const any = (...matches: RequestInit[]): RequestInit => ({ match: { case: 'any', value: { matches } } });
const not = (value: RequestInit): RequestInit => ({ match: { case: 'not', value } });
const status = (min: number, max: number): ResponseInit => ({
  match: { case: 'status', value: { min, max } },
});

const decode = (init: MessageInitShape<typeof DestinationProfileSchema>) =>
  decodeProfile(create(DestinationProfileSchema, init));

function routesOf(...routes: RouteInit[]) {
  return decode({ routes }).routes;
}

describe('a profile', () => {
  it('may say nothing at all', () => {
    expect(decode({})).toEqual({
      fqn: null,
      opaque: false,
      endpoint: null,
      routes: [],
      retryBudget: null,
      targets: [],
    });
  });

  it('splits traffic over targets of some weight', () => {
    const dstOverrides = [
      { authority: 'a.shop.svc.cluster.local.:8080', weight: 7 },
      { authority: 'b.shop:80', weight: 0 },
      { authority: 'no-port', weight: 1 },
      { authority: 'c:0', weight: 1 },
    ];
    expect(decode({ dstOverrides }).targets).toEqual([
      { host: 'a.shop.svc.cluster.local', port: 8080, weight: 7 },
    ]);
  });

  it.each<[string, MessageInitShape<typeof RetryBudgetSchema>, boolean]>([
    ['usual', { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: { seconds: 10n } }, true],
    ['without ttl', { retryRatio: 0.2 }, false],
    ['of less than a second', { ttl: { nanos: 999_999_999 } }, false],
    ['of more than a minute', { ttl: { seconds: 60n, nanos: 1 } }, false],
    ['of a minute', { ttl: { seconds: 60n } }, true],
    ['with a ratio too high', { retryRatio: 1001, ttl: { seconds: 10n } }, false],
    ['with a negative ratio', { retryRatio: -1, ttl: { seconds: 10n } }, false],
  ])('has a retry budget that may hold: %s', (_what, retryBudget, valid) => {
    expect(decode({ retryBudget }).retryBudget !== null).toBe(valid);
  });

  it('keeps what a route says beside its condition', () => {
    const [route] = routesOf({
      condition: path('/a'),
      metricsLabels: { route: '/a', b: '1' },
      isRetryable: true,
      timeout: { seconds: 1n, nanos: 500_000_000 },
    });
    expect(route).toMatchObject({ retryable: true, timeoutMs: 1500 });
    expect([...route!.labels]).toEqual([
      ['rt_b', '1'],
      ['rt_route', '/a'],
    ]);
    expect(routesOf({ condition: path('/a'), timeout: { seconds: -1n } })[0]?.timeoutMs).toBeNull();
  });
});

describe('the routes of a profile', () => {
  it('are tried in order, on the whole path', () => {
    const routes = routesOf(
      { condition: path('/books/[^/]*'), metricsLabels: { route: 'book' } },
      {
        condition: all(path('^/books.*$'), method(HttpMethod_Registered.POST)),
        metricsLabels: { route: 'post' },
      },
      {
        condition: any(path('/x'), not(method(HttpMethod_Registered.GET))),
        metricsLabels: { route: 'other' },
      },
    );
    const find = (verb: string, at: string) =>
      matchProfileRoute(routes, verb, at)?.labels.get('rt_route') ?? null;
    expect(find('POST', '/books/1')).toBe('book');
    expect(find('POST', '/books/1/pages')).toBe('post');
    expect(find('GET', '/x')).toBe('other');
    expect(find('PUT', '/y')).toBe('other');
    expect(find('GET', '/y')).toBeNull();
  });

  it('are dropped when their condition cannot be used, in whole or in part', () => {
    expect(routesOf({}, { condition: path('([') }, { condition: not(path('([')) })).toEqual([]);
    const [route] = routesOf({ condition: all(path('(['), method(HttpMethod_Registered.GET)) });
    expect(matchProfileRoute([route!], 'GET', '/any')).toBe(route);
  });

  it('cannot be nested without end', () => {
    let condition = path('/a');
    for (let i = 0; i < 100; i += 1) condition = not(condition);
    expect(routesOf({ condition })).toEqual([]);
  });
});

describe('the response classes of a route', () => {
  const classes = (...conditions: [ResponseInit, boolean][]) =>
    routesOf({
      condition: path('.*'),
      responseClasses: conditions.map(([condition, isFailure]) => ({ condition, isFailure })),
    })[0]!.responseClasses;

  it('decide in order, and 5xx fails where none does', () => {
    const list = classes([status(500, 500), false], [status(400, 499), true]);
    const failing = [200, 404, 500, 503, 600].filter((code) => isFailureStatus(list, code));
    expect(failing).toEqual([404, 503]);
    expect(isFailureStatus([], 503)).toBe(true);
  });

  it('say so when none fits', () => {
    const list = classes([status(200, 299), false]);
    expect(matchResponseClass(list, 204)).toBe(list[0]);
    expect(matchResponseClass(list, 500)).toBeNull();
  });

  it('combine', () => {
    const within: ResponseInit = {
      match: {
        case: 'all',
        value: { matches: [status(400, 499), { match: { case: 'not', value: status(404, 404) } }] },
      },
    };
    const list = classes([within, true]);
    expect([400, 404].map((code) => isFailureStatus(list, code))).toEqual([true, false]);
  });

  it('are dropped when nothing of them is left', () => {
    expect(
      classes([{ match: { case: 'any', value: { matches: [status(1, 2)] } } }, true], [{}, true]),
    ).toEqual([]);
  });
});
