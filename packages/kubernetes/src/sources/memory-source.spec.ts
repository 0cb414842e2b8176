import { describe, expect, it } from '@jest/globals';
import { aPod, aService, typed } from '../resource.builder.ts';
import { MemorySource } from './memory-source.ts';
import { recorded } from './recorder.builder.ts';

describe('a memory source', () => {
  it('tells a new watcher what is there and whether that is all', () => {
    const source = new MemorySource();
    source.apply({ set: [typed('Pod', aPod('a'))] });
    const early = recorded(source);
    expect(early).toMatchObject({ batches: [['added Pod a']], synced: 0 });
    source.markSynced();
    expect(early.synced).toBe(1);
    expect(recorded(source).synced).toBe(1);
  });

  it('delivers what becomes true together as one batch, only of the watched kinds', () => {
    const source = new MemorySource();
    const pods = recorded(source, ['Pod']);
    source.apply({
      set: [typed('Pod', aPod('a')), typed('Service', aService('s')), typed('Pod', aPod('b'))],
    });
    expect(pods.batches).toEqual([['added Pod a', 'added Pod b']]);
  });

  it('makes no event of an object that did not change', () => {
    const source = new MemorySource();
    source.apply({ set: [typed('Pod', aPod('a'))] });
    const record = recorded(source);
    source.apply({ set: [typed('Pod', aPod('a'))] });
    source.apply({ set: [typed('Pod', aPod('a', { ip: '10.1.0.2' }))] });
    expect(record.batches.slice(1)).toEqual([['modified Pod a']]);
  });

  it('forgets a deleted object, and a watcher that left', () => {
    const source = new MemorySource();
    source.apply({ set: [typed('Pod', aPod('a'))] });
    const record = recorded(source);
    const key = { kind: 'Pod', namespace: 'shop', name: 'a' } as const;
    source.apply({ delete: [key, key] });
    expect(source.get('Pod', 'shop', 'a')).toBeUndefined();
    record.stop();
    source.apply({ set: [typed('Pod', aPod('b'))] });
    expect(record.batches.slice(1)).toEqual([['deleted Pod a']]);
  });

  it('lists by namespace and labels', () => {
    const source = new MemorySource();
    source.apply({ set: [typed('Pod', aPod('a')), typed('Pod', aPod('b', { labels: { app: 'api' } }))] });
    const list = (namespace: string) =>
      source.list('Pod', { namespace, labels: { matchLabels: { app: 'api' } } }).map((p) => p.metadata.name);
    expect(list('shop')).toEqual(['b']);
    expect(list('other')).toEqual([]);
  });
});
