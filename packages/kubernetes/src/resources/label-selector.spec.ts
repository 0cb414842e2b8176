import { describe, expect, it } from '@jest/globals';
import { type LabelSelector, selects } from './label-selector.ts';

const labels = { app: 'web', tier: 'front' };
const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', key: string, values?: string[]) =>
  ({ matchExpressions: [{ key, operator, values }] }) as LabelSelector;

describe('a label selector', () => {
  it('picks nothing when absent and everything when empty', () => {
    expect(selects(undefined, labels)).toBe(false);
    expect(selects({}, labels)).toBe(true);
  });

  it('needs every label and every expression', () => {
    expect(selects({ matchLabels: { app: 'web', tier: 'front' } }, labels)).toBe(true);
    expect(selects({ matchLabels: { app: 'web', tier: 'back' } }, labels)).toBe(false);
    expect(selects({ matchLabels: { app: 'web' }, ...expression('DoesNotExist', 'tier') }, labels)).toBe(
      false,
    );
  });

  it.each([
    ['In', 'app', ['api', 'web'], true],
    ['In', 'other', ['web'], false],
    ['NotIn', 'app', ['api'], true],
    ['NotIn', 'other', ['api'], true],
    ['NotIn', 'app', ['web'], false],
    ['Exists', 'app', undefined, true],
    ['Exists', 'other', undefined, false],
    ['DoesNotExist', 'other', undefined, true],
  ] as const)('%s of %s in %j is %s', (operator, key, values, expected) => {
    expect(selects(expression(operator, key, values?.slice()), labels)).toBe(expected);
  });

  it('picks nothing by a malformed expression', () => {
    expect(selects(expression('In', 'app', []), labels)).toBe(false);
    expect(selects(expression('NotIn', 'app', []), labels)).toBe(false);
    expect(selects(expression('Exists', 'app', ['web']), labels)).toBe(false);
    expect(selects(expression('DoesNotExist', 'other', ['web']), labels)).toBe(false);
  });
});
