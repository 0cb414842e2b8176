import { describe, expect, it } from '@jest/globals';
import { errnoOf } from './transport-observer.ts';

const coded = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code });

describe('the name of what broke a connection', () => {
  it.each([
    ['of the system', coded('ECONNRESET'), 'ECONNRESET'],
    ['of a cause', coded('closed', coded('EPIPE')), 'EPIPE'],
    ['of an error of our own', coded('no-longer-allowed'), null],
    ['of nothing', null, null],
  ])('is that %s', (_what, error, expected) => {
    expect(errnoOf(error)).toBe(expected);
  });
});
