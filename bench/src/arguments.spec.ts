import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.ts';

const ROWS = ['get-128', 'latency'];

describe('the arguments', () => {
  it('ask for everything by default', () => {
    expect(parseArguments([], ROWS)).toEqual({
      json: false,
      only: [],
      contenders: [],
      rounds: 3,
      seconds: 3,
    });
  });

  it('choose rows, one by one or as a list, after a separator of the package manager too', () => {
    const argv = [
      '--',
      '--json',
      '--only',
      'latency',
      '--only',
      'get-128,latency',
      '--contender',
      'weft,stock',
      '--rounds',
      '5',
      '--seconds',
      '0.5',
    ];
    expect(parseArguments(argv, ROWS)).toEqual({
      json: true,
      only: ['latency', 'get-128', 'latency'],
      contenders: ['weft', 'stock'],
      rounds: 5,
      seconds: 0.5,
    });
  });

  it.each([
    [['--only', 'get-129'], '--only get-129 is no row; the rows are get-128, latency'],
    [['--contender', 'envoy'], '--contender envoy is none; they are direct, haproxy-h1'],
    [['--rounds', '0'], '--rounds is "0"'],
    [['--seconds', 'x'], '--seconds is "x"'],
    [['--unknown'], "Unknown option '--unknown'"],
  ])('refuse %p', (argv, message) => {
    expect(() => parseArguments(argv, ROWS)).toThrow(message);
  });
});
