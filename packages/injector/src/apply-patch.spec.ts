import { describe, expect, it } from '@jest/globals';
import { applyPatch } from './apply-patch.ts';

const add = (path: string, value: unknown) => ({ op: 'add' as const, path, value });

describe('applying a patch', () => {
  it('adds and replaces members, inserts and appends items, and leaves its input alone', () => {
    const object = { a: { b: 1 }, list: ['x', 'y'] };
    const patch = [
      add('/a/c', 2),
      add('/a/b', 3),
      add('/list/1', 'new'),
      add('/list/-', 'last'),
      add('/list/0', 'first'),
    ];
    expect(applyPatch(object, patch)).toEqual({
      a: { b: 3, c: 2 },
      list: ['first', 'x', 'new', 'y', 'last'],
    });
    expect(object).toEqual({ a: { b: 1 }, list: ['x', 'y'] });
  });

  it('unescapes pointers in the right order', () => {
    expect(applyPatch({}, [add('/a~1b~0c', 1), add('/~01', 2), add('/', 3)])).toEqual({
      'a/b~c': 1,
      '~1': 2,
      '': 3,
    });
  });

  it('replaces the whole object at the empty pointer', () => {
    expect(applyPatch({ a: 1 } as object, [add('', { b: 2 })])).toEqual({ b: 2 });
  });

  it('copies values, so that later operations do not change the patch', () => {
    const patch = [add('/list', []), add('/list/-', 1)];
    expect(applyPatch({}, patch)).toEqual({ list: [1] });
    expect(patch[0]).toEqual(add('/list', []));
  });

  it.each(['/a/b', '/list/3', '/list/01', '/list/x', '/list/-1', '/text/x', 'a', '/list/-/x', '/toString/x'])(
    'refuses %p, which leads nowhere',
    (path) => {
      const apply = () => applyPatch({ list: ['x', 'y'], text: 'text' } as object, [add(path, 1)]);
      expect(apply).toThrow(expect.objectContaining({ code: 'patch_not_applicable', subject: path }));
    },
  );

  it('treats __proto__ as a name like any other', () => {
    const patched = applyPatch({ a: {} } as object, [add('/a/__proto__', { polluted: true })]);
    expect(JSON.stringify(patched)).toBe('{"a":{"__proto__":{"polluted":true}}}');
    expect(() => applyPatch({} as object, [add('/__proto__/polluted', true)])).toThrow(
      'no member "__proto__"',
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
