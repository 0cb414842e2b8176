/** Texts that are remembered of one owner; one more forgets the others. */
const MAX_TEXTS = 1000;

/**
 * Labels of connections as they were rendered before, for rendering them and looking up new text costs more than all
 * that is counted. They are remembered with what they come from (the metadata of a policy, which is another object
 * once it changes) and a text that says the rest.
 */
export class RenderedLabels {
  readonly #owners = new WeakMap<object, Map<string, string>>();

  get(owner: object, key: string, render: () => string): string {
    let texts = this.#owners.get(owner);
    if (texts === undefined) {
      texts = new Map();
      this.#owners.set(owner, texts);
    }
    let text = texts.get(key);
    if (text === undefined) {
      text = render();
      if (texts.size >= MAX_TEXTS) texts.clear();
      texts.set(key, text);
    }
    return text;
  }
}
