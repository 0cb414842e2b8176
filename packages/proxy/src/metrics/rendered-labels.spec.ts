import { describe, expect, it } from '@jest/globals';
import { RenderedLabels } from './rendered-labels.ts';

describe('rendered labels', () => {
  it('are rendered once for each owner and text', () => {
    const labels = new RenderedLabels();
    const rendered: string[] = [];
    const render = (text: string) => () => {
      rendered.push(text);
      return text;
    };
    const [one, other] = [{}, {}];
    expect(labels.get(one, 'a', render('a of one'))).toBe('a of one');
    expect(labels.get(one, 'a', render('never'))).toBe('a of one');
    expect(labels.get(other, 'a', render('a of other'))).toBe('a of other');
    expect(labels.get(one, 'b', render('b of one'))).toBe('b of one');
    expect(rendered).toEqual(['a of one', 'a of other', 'b of one']);
  });

  it('are bounded for each owner', () => {
    const labels = new RenderedLabels();
    const owner = {};
    let rendered = 0;
    const get = (key: number) => labels.get(owner, String(key), () => `${rendered++}`);
    for (let key = 0; key <= 1000; key++) get(key);
    expect(rendered).toBe(1001);
    get(0);
    expect(rendered).toBe(1002);
  });
});
