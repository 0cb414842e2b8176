import { describe, expect, it } from '@jest/globals';
import { type ObjectParts, refusal } from '../request.builder.ts';

const profile = (spec: unknown, parts: Partial<ObjectParts> = {}) =>
  refusal('ServiceProfile', spec, { group: 'linkerd.io', name: 'web.shop.svc.cluster.local', ...parts });
const route = (fields: object) =>
  profile({ routes: [{ name: 'r', condition: { method: 'GET' }, ...fields }] });

describe('a ServiceProfile', () => {
  it('is let in with all there is', () => {
    expect(profile(undefined)).toBe('');
    expect(
      profile({
        routes: [
          {
            name: 'GET /',
            condition: { all: [{ method: 'GET' }, { not: { any: [{ pathRegex: '/x' }] } }] },
            isRetryable: true,
            timeout: '1m30s',
            responseClasses: [{ condition: { status: { min: 500, max: 599 } }, isFailure: true }],
          },
        ],
        retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 10, ttl: '10s' },
        dstOverrides: [{ authority: 'web-2.shop.svc', weight: '500m' }],
        opaquePorts: ['25'],
      }),
    ).toBe('');
  });

  it('is refused for a misspelt field', () => {
    expect(route({ isRetriable: true })).toMatch(/spec\.routes\[0\] is .*isRetriable/);
    expect(profile({ retries: 1 })).toMatch(/"retries"/);
  });

  it('is refused for routes that match nothing', () => {
    expect(profile({ routes: [{ name: 'r' }] })).toMatch(
      /^spec\.routes\[0\]\.condition is missing: must be a co/,
    );
    expect(profile({ routes: [{ condition: { method: 'GET' } }] })).toBe(
      'spec.routes[0].name is missing: must be given',
    );
    expect(profile({ routes: [null] })).toMatch(/^spec\.routes\[0\] is null/);
    expect(route({ condition: {} })).toMatch(/^spec\.routes\[0\]\.condition is \{\}: must be a condition/);
    expect(route({ condition: { all: [] } })).toMatch(/condition\.all is \[\]: must have at least one/);
    expect(route({ condition: { any: [null] } })).toMatch(/condition\.any\[0\] is null/);
    expect(route({ condition: { not: {} } })).toMatch(/condition\.not is \{\}/);
  });

  it('is refused for durations, status codes and budgets that mean nothing', () => {
    expect(route({ timeout: '10' })).toMatch(/^spec\.routes\[0\]\.timeout is "10": must be a duration/);
    const status = (range: object) => route({ responseClasses: [{ condition: { status: range } }] });
    expect(status({ min: 99 })).toMatch(/status\.min is 99: must be from 100 to 599/);
    expect(status({ min: 500, max: 400 })).toMatch(/status\.max is 400: must not be below min/);
    expect(status({})).toMatch(/must have one of min and max/);
    expect(profile({ retryBudget: { retryRatio: -1, ttl: '1s' } })).toMatch(
      /retryRatio is -1: must not be neg/,
    );
    expect(profile({ retryBudget: { retryRatio: 1 } })).toMatch(/^spec\.retryBudget\.ttl is missing/);
    expect(profile({ retryBudget: { minRetriesPerSecond: 1.5, ttl: '1s' } })).toMatch(
      /must be a whole number/,
    );
    expect(profile({ dstOverrides: [{ authority: 'a', weight: '-1' }] })).toMatch(
      /weight is "-1": must be a quan/,
    );
  });

  it('is refused for a name that no service has', () => {
    expect(profile({}, { name: 'Web' })).toMatch(
      /^metadata\.name is "Web": must be the full name of a service/,
    );
  });

  it('is refused for conditions nested without end', () => {
    let condition: object = { method: 'GET' };
    for (let depth = 0; depth < 2000; depth += 1) condition = { not: condition };
    expect(route({ condition })).toMatch(/is nested deeper than 16 levels/);
  });
});
