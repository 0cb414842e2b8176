import { describe, expect, it } from '@jest/globals';
import { aPod, typed } from '../resource.builder.ts';
import { CompositeSource } from './composite-source.ts';
import { MemorySource } from './memory-source.ts';
import { recorded } from './recorder.builder.ts';

const key = { kind: 'Pod', namespace: 'shop', name: 'a' } as const;
const ipOf = (source: CompositeSource) => source.get('Pod', 'shop', 'a')?.status.podIP;

describe('a composite source', () => {
  it('lets a later source override an earlier one, and falls back when it lets go', () => {
    const [base, state] = [new MemorySource(), new MemorySource()];
    const source = new CompositeSource([base, state]);
    const { batches } = recorded(source);
    base.apply({ set: [typed('Pod', aPod('a', { ip: '10.1.0.1' }))] });
    state.apply({ set: [typed('Pod', aPod('a', { ip: '10.1.0.2' }))] });
    expect(ipOf(source)).toBe('10.1.0.2');
    base.apply({ set: [typed('Pod', aPod('a', { ip: '10.1.0.3' }))] });
    expect(ipOf(source)).toBe('10.1.0.2');
    state.apply({ delete: [key] });
    expect(ipOf(source)).toBe('10.1.0.3');
    base.apply({ delete: [key] });
    expect(batches.flat().map((event) => event.split(' ')[0])).toEqual([
      'added',
      'modified',
      'modified',
      'deleted',
    ]);
  });

  it('is synced when all its sources are', () => {
    const [base, state] = [new MemorySource(), new MemorySource()];
    const record = recorded(new CompositeSource([base, state]));
    base.markSynced();
    expect(record.synced).toBe(0);
    state.markSynced();
    expect(record.synced).toBe(1);
  });
});
