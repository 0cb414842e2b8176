import { describe, expect, it } from '@jest/globals';
import { aPod } from '../resource.builder.ts';
import { podIps } from '../resources/pod.ts';
import { ResourceIndex } from './resource-index.ts';

describe('an index', () => {
  it('follows additions, changes and deletions, and tells which keys they touch', () => {
    const index = new ResourceIndex<'Pod'>(podIps);
    const before = aPod('a', { ip: '10.1.0.1' });
    const after = aPod('a', { ip: '10.1.0.2' });
    expect(index.update({ type: 'added', kind: 'Pod', object: before })).toEqual(['10.1.0.1']);
    expect(index.get('10.1.0.1')).toEqual([before]);
    const touched = index.update({ type: 'modified', kind: 'Pod', object: after, previous: before });
    expect(touched).toEqual(['10.1.0.1', '10.1.0.2']);
    expect(index.get('10.1.0.1')).toEqual([]);
    expect(index.get('10.1.0.2')).toEqual([after]);
    index.update({ type: 'deleted', kind: 'Pod', object: after });
    expect(index.get('10.1.0.2')).toEqual([]);
  });
});
