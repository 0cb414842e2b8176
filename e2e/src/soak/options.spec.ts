import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.ts';

describe('the options of a soak', () => {
  it('ask for half an hour and tables unless told otherwise', () => {
    expect(parseOptions(['--'])).toEqual({ minutes: 30, asIs: false, json: false });
    expect(parseOptions(['--minutes', '5', '--as-is', '--json'])).toEqual({
      minutes: 5,
      asIs: true,
      json: true,
    });
  });

  it.each([
    [['--minutes', 'soon'], '--minutes is "soon"; it must be a number from 1 on'],
    [['--minutes', '0'], '--minutes is "0"'],
    [['--hours', '1'], "Unknown option '--hours'"],
  ])('%j is refused by name, with the usage', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
    expect(() => parseOptions(argv)).toThrow('usage: npm run test:soak');
  });
});
