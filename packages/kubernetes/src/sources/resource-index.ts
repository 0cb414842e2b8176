import type { Kind, ResourceByKind } from '../kinds.ts';
import type { ResourceEvent } from './source.ts';

/** Objects of one kind by any number of keys each, kept true by the events of a watch. */
export class ResourceIndex<K extends Kind> {
  readonly #keysOf: (object: ResourceByKind[K]) => readonly string[];
  readonly #entries = new Map<string, Set<ResourceByKind[K]>>();

  constructor(keysOf: (object: ResourceByKind[K]) => readonly string[]) {
    this.#keysOf = keysOf;
  }

  /** The objects under a key, in the order they came. */
  get(key: string): readonly ResourceByKind[K][] {
    const found = this.#entries.get(key);
    return found === undefined ? [] : [...found];
  }

  /** Takes in one event and returns the keys whose answer changed. */
  update(event: ResourceEvent<K>): readonly string[] {
    const gone =
      event.type === 'modified' ? event.previous : event.type === 'deleted' ? event.object : undefined;
    const came = event.type === 'deleted' ? undefined : event.object;
    const touched = new Set<string>();
    if (gone !== undefined) for (const key of this.#keysOf(gone)) this.#remove(key, gone, touched);
    if (came !== undefined) for (const key of this.#keysOf(came)) this.#add(key, came, touched);
    return [...touched];
  }

  #add(key: string, object: ResourceByKind[K], touched: Set<string>): void {
    const objects = this.#entries.get(key) ?? new Set();
    this.#entries.set(key, objects.add(object));
    touched.add(key);
  }

  #remove(key: string, object: ResourceByKind[K], touched: Set<string>): void {
    const objects = this.#entries.get(key);
    if (objects?.delete(object) && objects.size === 0) this.#entries.delete(key);
    touched.add(key);
  }
}
