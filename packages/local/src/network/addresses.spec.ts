import { describe, expect, it } from '@jest/globals';
import { AddressPool } from './addresses.ts';

describe('a pool of addresses', () => {
  it('begins above the addresses kept for the mesh', () => {
    expect(new AddressPool('10.42.0.0/16').claim()).toBe('10.42.0.16');
  });

  it('lets a freed address rest before it is used again', () => {
    const pool = new AddressPool('10.42.0.0/16');
    const first = pool.claim();
    pool.release(first);
    expect(pool.claim()).toBe('10.42.0.17');
  });

  it('comes back to freed addresses at the end of the network, and then says that it is full', () => {
    const pool = new AddressPool('10.42.0.0/27');
    const all = Array.from({ length: 15 }, () => pool.claim());
    expect(new Set(all).size).toBe(15);
    pool.release(all[3]!);
    expect(pool.claim()).toBe(all[3]);
    expect(() => pool.claim()).toThrow(/no address is left in 10.42.0.0\/27/);
  });
});
