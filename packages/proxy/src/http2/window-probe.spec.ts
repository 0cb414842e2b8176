import { describe, expect, it } from '@jest/globals';
import { WindowProbe, widestWindow } from './window-probe.ts';

const KB = 1024;

/** Sends `bytes` within a round trip of `ms` that begins at `at`; the window that this leads to. */
function trip(probe: WindowProbe, at: number, bytes: number, ms: number): number | null {
  expect(probe.received(bytes / 2, at)).toBe(true);
  expect(probe.received(bytes / 2, at + ms / 2)).toBe(false);
  return probe.acknowledged(at + ms);
}

describe('windows that fit the peer', () => {
  it('become twice what comes in a round trip, as long as they hold it up', () => {
    const probe = new WindowProbe();
    expect(trip(probe, 0, 64 * KB, 10)).toBe(128 * KB);
    expect(trip(probe, 1000, 128 * KB, 10)).toBe(256 * KB);
    expect(trip(probe, 2000, 100 * KB, 10)).toBeNull();
  });

  it('stay when more of them brings no more', () => {
    const probe = new WindowProbe();
    trip(probe, 0, 64 * KB, 10);
    expect(trip(probe, 1000, 128 * KB, 30)).toBeNull();
  });

  it('have an end', () => {
    const probe = new WindowProbe();
    expect(trip(probe, 0, 100 * widestWindow, 10)).toBe(widestWindow);
    expect(trip(probe, 1000, 200 * widestWindow, 10)).toBeNull();
  });

  it('are measured ever more rarely while they fit', () => {
    const probe = new WindowProbe();
    expect(trip(probe, 0, KB, 10)).toBeNull();
    expect(probe.received(KB, 209)).toBe(false);
    expect(trip(probe, 210, KB, 10)).toBeNull();
    expect(probe.received(KB, 619)).toBe(false);
    expect(probe.received(KB, 620)).toBe(true);
  });

  it('are not led astray by answers to nothing', () => {
    expect(new WindowProbe().acknowledged(5)).toBeNull();
  });
});
