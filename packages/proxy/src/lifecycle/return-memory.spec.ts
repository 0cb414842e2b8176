import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { createRelease, returnMemoryWhenIdle } from './return-memory.ts';

const megabyte = 1024 * 1024;

function watched() {
  const clock = new FakeClock();
  const state = { cpu: 0, resident: 80 * megabyte, released: 0 };
  returnMemoryWhenIdle({
    cpuMs: () => state.cpu,
    residentBytes: () => state.resident,
    release: () => {
      state.released++;
      state.resident = 60 * megabyte;
    },
    clock,
  });
  const pass = (seconds: number, cpuPerSecond = 0): void => {
    for (let i = 0; i < seconds; i++) {
      state.cpu += cpuPerSecond;
      clock.advance(1000);
    }
  };
  return { state, pass };
}

describe('memory', () => {
  it('is given back once after the start, as soon as it is quiet', () => {
    const { state, pass } = watched();
    pass(5, 500);
    pass(2);
    expect(state.released).toBe(0);
    pass(20);
    expect([state.released, state.resident]).toEqual([1, 60 * megabyte]);
  });

  it('is given back once after each burst, when three quiet seconds have passed', () => {
    const { state, pass } = watched();
    pass(3);
    state.released = 0;
    state.resident += 100 * megabyte;
    pass(10, 500);
    expect(state.released).toBe(0);
    pass(2);
    expect(state.released).toBe(0);
    pass(20);
    expect(state.released).toBe(1);
    state.resident += 100 * megabyte;
    pass(1, 500);
    pass(3);
    expect(state.released).toBe(2);
  });

  it('is left alone when it has hardly grown, which a pause would not be worth', () => {
    const { state, pass } = watched();
    pass(3);
    state.released = 0;
    state.resident += 20 * megabyte;
    pass(1, 500);
    pass(10);
    expect(state.released).toBe(0);
  });

  it('is collected before it is trimmed', () => {
    const held = { garbage: Array.from({ length: 200_000 }, (_, i) => ({ i })) as object[] | null };
    const before = process.memoryUsage().heapUsed;
    held.garbage = null;
    let atTrim = 0;
    createRelease(() => {
      atTrim = process.memoryUsage().heapUsed;
    })();
    expect(atTrim).toBeLessThan(before - 4_000_000);
  });
});
