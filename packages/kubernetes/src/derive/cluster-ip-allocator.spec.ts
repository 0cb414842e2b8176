import { describe, expect, it } from '@jest/globals';
import { ClusterIpAllocator } from './cluster-ip-allocator.ts';

describe('cluster IP allocation', () => {
  it('depends on the name alone', () => {
    const [a, b] = [new ClusterIpAllocator('10.96.0.0/16'), new ClusterIpAllocator('10.96.0.0/16')];
    a.allocate('shop/other');
    expect(a.allocate('shop/web')).toBe(b.allocate('shop/web'));
    expect(a.allocate('shop/web')).toMatch(/^10\.96\.\d+\.\d+$/);
  });

  it('uses every address of a network once and no other, then none', () => {
    const allocator = new ClusterIpAllocator('192.168.7.9/29');
    const given = Array.from({ length: 7 }, (_, i) => allocator.allocate(`shop/s${i}`));
    expect(given.slice(0, 6).sort()).toEqual([1, 2, 3, 4, 5, 6].map((i) => `192.168.7.${8 + i}`).sort());
    expect(given[6]).toBeUndefined();
    allocator.release('shop/s0');
    expect(allocator.allocate('shop/s6')).toBe(given[0]);
  });

  it('gives way to an address written in a manifest', () => {
    const allocator = new ClusterIpAllocator('10.96.0.0/16');
    const ip = allocator.allocate('shop/web') ?? '';
    expect(allocator.claim(ip)).toBe('shop/web');
    expect(allocator.allocate('shop/web')).not.toBe(ip);
    allocator.release('shop/web');
    allocator.unclaim(ip);
    expect(allocator.allocate('shop/web')).toBe(ip);
  });

  it.each(['10.96.0.0', '10.96.0.0/33', 'fd00::/64', '10.96/16', ''])('refuses %j as a network', (cidr) => {
    expect(() => new ClusterIpAllocator(cidr)).toThrow(
      expect.objectContaining({ code: 'invalid_cidr', cidr }),
    );
  });
});
