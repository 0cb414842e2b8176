import { describe, expect, it, jest } from '@jest/globals';
import { MemoryKeeper } from './memory-keeper.ts';
import { returnMemory } from './return-memory.ts';

function aKeeper() {
  const streams = { load: 0 };
  const memory = { resident: 100 };
  const returned = jest.fn(() => {
    memory.resident = 100;
  });
  const keeper = new MemoryKeeper({
    load: () => streams.load,
    returnMemory: returned,
    resident: () => memory.resident,
  });
  const lookAt = (...loads: readonly number[]) => {
    for (const load of loads) {
      streams.load = load;
      memory.resident = Math.max(memory.resident, 100 + load / 10);
      keeper.look();
    }
    return returned.mock.calls.length;
  };
  return { keeper, streams, memory, lookAt, returned };
}

describe('the keeper of memory', () => {
  it('gives it back once when most streams have ended, and again after the next ones', () => {
    const { lookAt } = aKeeper();
    expect(lookAt(100, 5000, 4000, 600)).toBe(0);
    expect(lookAt(100, 100, 0)).toBe(1);
    expect(lookAt(3000, 300, 0)).toBe(2);
  });

  it('leaves a process alone that never had much to do', () => {
    expect(aKeeper().lookAt(0, 100, 0, 150, 0)).toBe(0);
  });

  it('does not interrupt a large process for a little', () => {
    const { lookAt, memory } = aKeeper();
    expect(lookAt(199, 0, 210)).toBe(0);
    memory.resident = 119;
    expect(lookAt(0)).toBe(0);
    expect(lookAt(300, 0)).toBe(1);
  });

  it('looks every now and then, for as long as it shall', () => {
    jest.useFakeTimers();
    const { keeper, streams, memory, returned } = aKeeper();
    memory.resident = 200;
    const stop = new AbortController();
    keeper.run(stop.signal, 10_000);
    streams.load = 1000;
    jest.advanceTimersByTime(10_000);
    streams.load = 0;
    jest.advanceTimersByTime(9_999);
    expect(returned).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(returned).toHaveBeenCalledTimes(1);
    stop.abort();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});

it('returned memory is gone from the heap', () => {
  let garbage: number[][] | undefined = Array.from({ length: 200 }, () => new Array(100_000).fill(0.5));
  expect(garbage).toHaveLength(200);
  const before = process.memoryUsage().heapUsed;
  garbage = undefined;
  returnMemory();
  expect(process.memoryUsage().heapUsed).toBeLessThan(before - 100_000_000);
});
