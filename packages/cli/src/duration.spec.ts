import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.ts';

describe('a duration on the command line', () => {
  it.each([
    ['30s', 30_000],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
  ])('%s is %i milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '30x', '1s2', '-5s'])('"%s" is none', (text) => {
    expect(() => parseDuration(text)).toThrow(`"${text}" is no duration`);
  });
});
