import { describe, expect, it } from '@jest/globals';
import { familyOfCidr } from './subnets.ts';

describe('the family of a CIDR', () => {
  it.each([
    ['10.0.0.0/8', 'ipv4'],
    ['0.0.0.0/0', 'ipv4'],
    ['192.168.1.7/32', 'ipv4'],
    ['fd00::/8', 'ipv6'],
    ['::1/128', 'ipv6'],
  ])('%s is %s', (text, family) => {
    expect(familyOfCidr(text)).toBe(family);
  });

  it.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
  ])('refuses %p', (text) => {
    expect(familyOfCidr(text)).toBeUndefined();
  });
});
