import { describe, expect, it } from '@jest/globals';
import { Remembered } from './remembered.ts';

describe('a remembered value', () => {
  it('is made once for all who ask within its time, and anew afterwards or when it is forgotten', async () => {
    let made = 0;
    let now = 0;
    const remembered = new Remembered(
      async () => ++made,
      10,
      () => now,
    );
    expect(await Promise.all([remembered.get(), remembered.get()])).toEqual([1, 1]);
    now = 10;
    expect(await remembered.get()).toBe(2);
    remembered.forget();
    expect(await remembered.get()).toBe(3);
  });

  it('is not remembered when it could not be made', async () => {
    let fails = true;
    const remembered = new Remembered(async () => {
      if (fails) throw new Error('no');
      return 'yes';
    }, 1000);
    await expect(remembered.get()).rejects.toThrow('no');
    fails = false;
    expect(await remembered.get()).toBe('yes');
  });
});
