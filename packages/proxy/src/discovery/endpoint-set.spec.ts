import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { UpdateSchema } from '@weft/proto/destination';
import fc from 'fast-check';
import { EndpointSet } from './endpoint-set.ts';
import { add, remove, type UpdateInit } from './update.builder.ts';

const apply = (set: EndpointSet, update: UpdateInit) => set.apply(create(UpdateSchema, update));
const namesOf = (set: EndpointSet) => set.current?.map(({ ip, port }) => `${ip}:${port}`) ?? null;
const ten = Array.from({ length: 10 }, (_, i) => `10.0.0.${i}:80`);

describe('a set of endpoints', () => {
  it('is what adding to and taking from a plain set gives', () => {
    const change = fc.tuple(fc.boolean(), fc.subarray(ten, { minLength: 1 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 10 }), (changes) => {
        const set = new EndpointSet(100);
        const oracle = new Set<string>();
        apply(set, add(['10.0.0.0:80']));
        oracle.add('10.0.0.0:80');
        for (const [adding, names] of changes) {
          apply(set, adding ? add(names) : remove(...names));
          for (const name of names) adding ? oracle.add(name) : oracle.delete(name);
        }
        expect(namesOf(set)?.sort()).toEqual([...oracle].sort());
      }),
    );
  });

  it('is unknown until something has come', () => {
    const set = new EndpointSet(100);
    expect(namesOf(set)).toBeNull();
    expect(apply(set, remove('10.0.0.1:80'))).toEqual({ kind: 'none' });
    expect(namesOf(set)).toBeNull();
  });

  it('leaves out what is beyond its bound, but renews what it has', () => {
    const set = new EndpointSet(2);
    expect(apply(set, add(ten))).toMatchObject({ kind: 'reset', endpoints: [{}, {}] });
    expect([namesOf(set), set.surplus]).toEqual([ten.slice(0, 2), 8]);
    expect(apply(set, add([ten[1], ten[2]]))).toMatchObject({ kind: 'add', endpoints: [{ ip: '10.0.0.1' }] });
  });
});
