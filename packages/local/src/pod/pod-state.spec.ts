import { describe, expect, it } from '@jest/globals';
import { isPodReady, nextPodState, type PodEvent, type PodState, phaseOf } from './pod-state.ts';

const after = (...events: PodEvent[]): PodState => events.reduce(nextPodState, { state: 'pending' });
const running: PodEvent[] = [{ event: 'network-ready' }, { event: 'initialized' }];
const at = new Date(0);

describe('a pod', () => {
  it('is pending until its containers have started', () => {
    expect(phaseOf(after({ event: 'network-ready' }))).toBe('Pending');
    expect(phaseOf(after(...running))).toBe('Running');
  });

  it('keeps the moment at which it was first told to stop', () => {
    const state = after(...running, { event: 'stop', at }, { event: 'stop', at: new Date(5) });
    expect(state).toEqual({ state: 'terminating', since: at });
  });

  it('stays as it ended', () => {
    const state = after(...running, { event: 'failed', reason: 'exit code 3' }, { event: 'completed' });
    expect(state).toEqual({ state: 'ended', phase: 'Failed', reason: 'exit code 3' });
  });

  it('is ready only while it runs and all its containers are', () => {
    const ready = { state: 'running', started: true, ready: true } as const;
    const unready = { ...ready, ready: false };
    expect(isPodReady(after(...running), [ready, ready])).toBe(true);
    expect(isPodReady(after(...running), [ready, unready])).toBe(false);
    expect(isPodReady(after(...running, { event: 'stop', at }), [ready])).toBe(false);
  });
});
