import { describe, expect, it } from '@jest/globals';
import { Drain } from './drain.ts';

class Connection {
  asked = 0;
  drain(): void {
    this.asked++;
  }
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(() => {
    done = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  return done;
}

describe('a drain', () => {
  it('asks everything open, once, and is over when the last has finished', async () => {
    const drain = new Drain();
    const [a, b] = [new Connection(), new Connection()];
    const finished = [drain.add(a), drain.add(b)];
    expect(a.asked).toBe(0);
    const over = drain.start();
    expect([a.asked, b.asked]).toEqual([1, 1]);
    finished[0]();
    expect(await settled(over)).toBe(false);
    expect(drain.size).toBe(1);
    finished[1]();
    expect(await settled(over)).toBe(true);
  });

  it('is over at once when nothing is open', async () => {
    const drain = new Drain();
    drain.add(new Connection())();
    expect(await settled(drain.start())).toBe(true);
  });

  it('asks at once what opens later, and waits for that, too', async () => {
    const drain = new Drain();
    const finishFirst = drain.add(new Connection());
    const over = drain.start();
    const late = new Connection();
    const finishLate = drain.add(late);
    expect(late.asked).toBe(1);
    finishFirst();
    expect(await settled(over)).toBe(false);
    finishLate();
    expect(await settled(over)).toBe(true);
  });

  it('bears something that finishes while it is being asked', async () => {
    const drain = new Drain();
    const finished: (() => void)[] = [];
    for (let i = 0; i < 2; i++) {
      finished.push(drain.add({ drain: () => finished[i]() }));
    }
    expect(await settled(drain.start())).toBe(true);
    expect(drain.size).toBe(0);
  });
});
