import { describe, expect, it } from '@jest/globals';
import { badPortItems, multiportGroups } from './ports.ts';

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe('multiport groups', () => {
  it('writes ranges with a colon and collapses a range of one port', () => {
    expect(multiportGroups(['25', '8000-8010', '443-443'])).toEqual(['25,8000:8010,443']);
  });

  it('accepts the whole range of port numbers and nothing beyond', () => {
    expect(multiportGroups(['0', '65535', '0-65535'])).toEqual(['0,65535,0:65535']);
    expect(badPortItems(['65536', '1-65536', '99999999999'])).toHaveLength(3);
  });

  it('fits fifteen ports into one rule and starts another for the sixteenth', () => {
    expect(multiportGroups(count(1, 15))).toEqual([count(1, 15).join(',')]);
    expect(multiportGroups(count(1, 16))).toEqual([count(1, 15).join(','), '16']);
  });

  it('counts a range as two and moves it to the next rule when only one place is left', () => {
    expect(multiportGroups([...count(1, 14), '100-200', '300'])).toEqual([
      count(1, 14).join(','),
      '100:200,300',
    ]);
    expect(multiportGroups([...count(1, 13), '100-200', '300'])).toEqual([
      `${count(1, 13).join(',')},100:200`,
      '300',
    ]);
  });

  it.each(['', ' 80', '80 ', '-1', '+80', '80-', '-80', '90-80', '1-2-3', 'http', '0x50'])(
    'drops %p',
    (item) => {
      expect(multiportGroups(['1', item, '2'])).toEqual(['1,2']);
      expect(badPortItems(['1', item])).toEqual([item]);
    },
  );

  it('makes no rule of an empty list, nor of one with bad items only', () => {
    expect(multiportGroups([])).toEqual([]);
    expect(multiportGroups(['x', 'y'])).toEqual([]);
  });
});
