import { describe, expect, it } from '@jest/globals';
import { parseYaml, renderJson, renderYaml } from './yaml.ts';

describe('YAML as Kubernetes reads it', () => {
  it.each([
    ['octal file modes', 'v: 0644', 420],
    ['switches in words', 'v: yes', true],
    ['times of day as text', 'v: 12:30', '12:30'],
    ['dates as text', 'v: 2024-01-02', '2024-01-02'],
    ['JSON', '{"v": [1, null]}', [1, null]],
    ['merged mappings', 'base: &b {a: 1}\nv:\n  <<: *b\n  c: 2', { a: 1, c: 2 }],
  ])('reads %s', (_, text, expected) => {
    expect(parseYaml(text, 'test')).toMatchObject({ v: expected });
  });

  it('names the document and the line of a mistake', () => {
    expect(() => parseYaml('a: 1\nb: [1', 'document 2 of web.yaml')).toThrow(
      /^document 2 of web\.yaml: .*line 2/,
    );
  });

  it('refuses a document that grows without bound when it is read', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    expect(() => parseYaml(`l0: &l0 [x]\n${levels.join('\n')}`, 'bomb')).toThrow(/^bomb: /);
  });

  it('writes text that looks like something else in quotes, so that it is read as text again', () => {
    const value = { a: '0644', b: 'yes', c: 'true', d: '12:30', e: '1e3', f: '', g: 'null', h: 'a\nb\n' };
    expect(parseYaml(renderYaml(value), 'test')).toEqual(value);
    expect(renderYaml({ port: '8080' })).toBe('port: "8080"\n');
  });

  it('sorts mappings by name and keeps lists in order, in both formats', () => {
    const value = { b: [{ z: 1, a: 2 }, 3], a: {} };
    expect(renderYaml(value)).toBe('a: {}\nb:\n- a: 2\n  z: 1\n- 3\n');
    expect(renderJson(value)).toBe('{"a":{},"b":[{"a":2,"z":1},3]}\n');
  });
});
