import { describe, expect, it } from '@jest/globals';
import { mergeValues } from './merge-values.ts';

describe('merging values', () => {
  it('goes into mappings and replaces lists and leaves', () => {
    const base = { a: { b: 1, c: [1, 2] }, d: 'x' };
    expect(mergeValues(base, { a: { c: [3] } })).toEqual({ a: { b: 1, c: [3] }, d: 'x' });
    expect(base).toEqual({ a: { b: 1, c: [1, 2] }, d: 'x' });
  });

  it('takes undefined for nothing said', () => {
    expect(mergeValues({ a: 1, b: { c: 2 } }, { a: undefined, b: undefined })).toEqual({ a: 1, b: { c: 2 } });
  });

  it('keeps __proto__ as data', () => {
    const merged = mergeValues(
      { a: {} } as { a: Record<string, unknown> },
      JSON.parse('{"a":{"__proto__":{"x":1}}}'),
    );
    expect(JSON.stringify(merged)).toBe('{"a":{"__proto__":{"x":1}}}');
    expect((merged.a as { x?: number }).x).toBeUndefined();
  });
});
