import { describe, expect, it } from '@jest/globals';
import { ask, refusal } from './request.builder.ts';

const broken = { podSelector: {}, port: 0 };

describe('the webhook', () => {
  it('denies with 400 and names every problem', () => {
    const spec = { podSelector: {}, port: 0, accessPolicy: 'x' };
    expect(ask({ kind: 'Server', spec })).toEqual({
      kind: 'denied',
      code: 400,
      message: expect.stringMatching(/^spec\.port is 0: .*; spec\.accessPolicy is "x": /),
    });
  });

  it('says how many more problems there are', () => {
    const networks = Array.from({ length: 20 }, () => ({ cidr: 'x' }));
    expect(refusal('NetworkAuthentication', { networks })).toMatch(/; and 12 more$/);
  });

  it('shortens values that would fill a screen', () => {
    expect(
      refusal('Server', { podSelector: {}, port: 1, accessPolicy: 'x'.repeat(5000) }).length,
    ).toBeLessThan(300);
  });

  it('lets an object be changed that says what it said before', () => {
    const update = { kind: 'Server', operation: 'UPDATE', spec: broken };
    expect(ask({ ...update, oldSpec: broken })).toEqual({ kind: 'allowed' });
    expect(ask({ ...update, oldSpec: { podSelector: {}, port: 1 } })).toMatchObject({ kind: 'denied' });
  });

  it('takes kinds in any case and denies those it does not know', () => {
    expect(refusal('SERVER', broken)).toMatch(/spec\.port/);
    expect(refusal('Pod', {}, { group: '' })).toBe('Pod of group "" is not validated here');
  });

  it('denies what is no object at all', () => {
    expect(refusal('Server', 'x')).toMatch(/^spec is "x"/);
  });
});
