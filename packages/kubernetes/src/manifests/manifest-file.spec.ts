import { describe, expect, it } from '@jest/globals';
import { emptyManifestFile, readManifestFile } from './manifest-file.ts';

const service = (name: string, port: number | string = 80) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n  - port: ${port}\n`;
const read = (text: string, last = emptyManifestFile) => readManifestFile('a.yaml', text, last);
const names = (file: typeof emptyManifestFile) =>
  file.resources.map(({ object }) => object.metadata.name).sort();

describe('a manifest file', () => {
  it('holds several documents, comments and empty ones', () => {
    const file = read(`# shop\n---\n${service('a')}---\n# nothing\n---\n${service('b')}...\n`);
    expect(names(file)).toEqual(['a', 'b']);
    expect(file.problems).toEqual([]);
  });

  it('expands a list', () => {
    const items = ['a', 'b'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name },
    }));
    expect(names(read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items })))).toEqual(['a', 'b']);
  });

  it('passes over kinds the mesh does not read', () => {
    const file = read(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n---\n${service('a')}`);
    expect(names(file)).toEqual(['a']);
    expect(file.problems).toEqual([]);
  });

  it('reports file, document, line and field of a wrong value, and takes the rest', () => {
    const file = read(`${service('a')}---\n${service('b', 'eighty')}`);
    expect(names(file)).toEqual(['a']);
    expect(file.problems).toEqual([
      expect.objectContaining({ file: 'a.yaml', document: 1, line: 8, field: 'spec.ports[0].port' }),
    ]);
  });

  it('reports the line where the syntax breaks', () => {
    const [problem] = read(`${service('a')}---\nkind: [\n`).problems;
    expect(problem).toMatchObject({ code: 'syntax', document: 1 });
    expect(problem?.line).toBeGreaterThanOrEqual(9);
  });

  it('keeps the last good version of a document that breaks, by value or by syntax', () => {
    const good = read(`${service('a')}---\n${service('b')}`);
    const wrongValue = read(`${service('a', 81)}---\n${service('b', 'eighty')}`, good);
    expect(names(wrongValue)).toEqual(['a', 'b']);
    const wrongSyntax = read(`${service('a', 81)}---\nkind: {{`, wrongValue);
    expect(names(wrongSyntax)).toEqual(['a', 'b']);
    const mended = read(service('a', 82), wrongSyntax);
    expect(names(mended)).toEqual(['a']);
    expect(mended.problems).toEqual([]);
  });

  it('keeps the very same object for a document that did not change', () => {
    const before = read(`${service('a')}---\n${service('b')}`);
    const after = read(`${service('a', 81)}---\n${service('b')}`, before);
    expect(after.resources[1]?.object).toBe(before.resources[1]?.object);
    expect(after.resources[0]?.object).not.toBe(before.resources[0]?.object);
  });

  it('takes the last of two documents with one name, and says so', () => {
    const file = read(`${service('a', 1)}---\n${service('a', 2)}`);
    expect(file.resources).toHaveLength(1);
    expect(file.resources[0]?.object).toMatchObject({ spec: { ports: [{ port: 2 }] } });
    expect(file.problems).toEqual([expect.objectContaining({ code: 'duplicate', document: 1 })]);
  });

  it('refuses aliases that multiply without end', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 8; i += 1) {
      const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
      bomb.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`);
    }
    expect(read(bomb.join('\n')).problems).toEqual([expect.objectContaining({ code: 'syntax' })]);
  });
});
