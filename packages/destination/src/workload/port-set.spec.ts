import { describe, expect, it } from '@jest/globals';
import { parsePortSet } from './port-set.ts';

const ports = (list: string) => {
  const set = parsePortSet(list, [
    { name: 'http', port: 8080 },
    { name: 'http', port: 9090 },
    { name: 'db-1', port: 5432 },
  ]);
  return [25, 80, 5432, 8080, 9090, 65_535].filter((port) => set.has(port));
};

describe('a list of ports', () => {
  it.each([
    ['25', [25]],
    ['25, 80 ,', [25, 80]],
    ['20-100', [25, 80]],
    ['80-80,60000-65535', [80, 65_535]],
    ['http', [8080, 9090]],
    ['db-1,25', [25, 5432]],
    ['unknown', []],
    ['', []],
  ])('%j means %j', (list, expected) => {
    expect(ports(list)).toEqual(expected);
  });

  it('goes on after an entry that is nothing, and keeps it as rejected', () => {
    expect(ports('100-20,70000,-5,a b,25')).toEqual([25]);
    expect(parsePortSet('100-20,70000,-5,a b,25').rejected).toEqual(['100-20', '70000', '-5', 'a b']);
  });
});
