import { describe, expect, it } from '@jest/globals';
import { arrival, ReadTarget } from './direct-read.ts';

const MUCH = 1024 * 1024;

describe('where a connection reads', () => {
  it('is memory that all connections share, and what came is copied out of it', () => {
    const target = new ReadTarget();
    arrival.write('some bytes');
    const piece = target.take(10);
    expect(target.next(10, 10)).toBeUndefined();
    arrival.write('other ones');
    expect(piece.toString()).toBe('some bytes');
  });

  it('becomes memory of its own after a full record, once much has come', () => {
    const target = new ReadTarget();
    target.take(16_384);
    expect(target.next(16_384, 20_000)).toBeUndefined();
    target.take(16_384);
    const own = target.next(16_384, MUCH)!;
    expect(own).not.toBe(arrival);
    own.fill('o');
    const whole = target.take(own.length);
    const next = target.next(own.length, MUCH)!;
    expect(next.buffer === own.buffer && next.byteOffset === own.byteOffset).toBe(false);
    expect(whole).toBe(own);
    target.close();
  });

  it('is shared again after a short read, which is kept apart', () => {
    const target = new ReadTarget();
    target.take(arrival.length);
    const own = target.next(arrival.length, MUCH)!;
    own.write('the last of it');
    const piece = target.take(14);
    expect(target.next(14, MUCH)).toBe(arrival);
    arrival.fill('x');
    expect(piece.toString()).toBe('the last of it');
  });

  it('stays shared for the connections beyond those that may have their own', () => {
    const targets = Array.from({ length: 40 }, () => new ReadTarget());
    const own = () =>
      targets.filter((target) => {
        target.take(arrival.length);
        return target.next(arrival.length, MUCH) !== undefined;
      }).length;
    expect(own()).toBe(32);
    for (const target of targets) target.close();
    expect(own()).toBe(32);
    for (const target of targets) target.close();
  });
});
