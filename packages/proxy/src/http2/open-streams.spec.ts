import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OpenStreams } from './open-streams.ts';

describe('the open streams of a connection', () => {
  it('are found by their ids as in a Map, whichever come and go', () => {
    const step = fc.record({ id: fc.nat({ max: 200 }), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const streams = new OpenStreams<{ id: number }>();
        const model = new Map<number, { id: number }>();
        for (const { id, gone } of steps) {
          if (gone) {
            expect(streams.delete(id)).toBe(model.delete(id));
          } else if (!model.has(id)) {
            const stream = { id };
            streams.add(stream);
            model.set(id, stream);
          }
          expect(streams.get(id)).toBe(model.get(id));
          expect(streams.size).toBe(model.size);
        }
        expect(new Set(streams.values())).toEqual(new Set(model.values()));
        for (let id = 0; id <= 200; id++) expect(streams.get(id)).toBe(model.get(id));
      }),
    );
  });

  it('that are gone meanwhile are left out when one looks at all', () => {
    const streams = new OpenStreams<{ id: number }>();
    for (const id of [1, 3, 5]) streams.add({ id });
    const seen: number[] = [];
    for (const { id } of streams.values()) {
      seen.push(id);
      for (const other of [1, 3, 5]) if (other !== id) streams.delete(other);
    }
    expect(seen).toHaveLength(1);
  });
});
