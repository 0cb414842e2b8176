import { isDeepStrictEqual } from 'node:util';
import type { Kind, Resource } from '../../kinds.ts';
import type { DocumentProblem } from '../../manifests/problem.ts';
import type { MemorySource } from '../memory-source.ts';
import { keyOf, keyText, type ResourceKey, type Typed } from '../source.ts';
import { type CheckObject, type DecodedObject, decodeObject, keyOfObject } from './decode-object.ts';
import type { WatchEvent } from './watch-events.ts';

/** Told what becomes of objects that do not say what they must. */
export interface MirrorObserver {
  /** Each version of an object that has something wrong; the version before it stays in force. */
  malformed(key: ResourceKey | undefined, problems: readonly DocumentProblem[]): void;
  /** Such an object is well now, or gone. */
  mended(key: ResourceKey, how: 'changed' | 'deleted'): void;
}

/** Whether two versions differ in nothing that is read here. */
function saysTheSame(a: Resource, b: Resource): boolean {
  if (a.metadata.uid !== b.metadata.uid) return false;
  const { resourceVersion } = a.metadata;
  return isDeepStrictEqual(a, { ...b, metadata: { ...b.metadata, resourceVersion } });
}

/** Brings what a server says about one kind into the store. */
export class KindMirror {
  readonly #kind: Kind;
  readonly #store: MemorySource;
  readonly #observer: MirrorObserver;
  /** The objects of the server that have something wrong. */
  readonly #malformed = new Map<string, ResourceKey>();
  readonly #check: CheckObject | undefined;
  #listed: Set<string> | undefined;

  constructor(kind: Kind, store: MemorySource, observer: MirrorObserver, check?: CheckObject) {
    this.#kind = kind;
    this.#store = store;
    this.#observer = observer;
    this.#check = check;
  }

  /** Objects in force. */
  get size(): number {
    return this.#store.list(this.#kind).length;
  }

  /** A list begins: what it does not name is gone when it is complete. */
  beginListing(): void {
    this.#listed = new Set();
  }

  addPage(version: string, items: readonly unknown[]): void {
    const set: Typed[] = [];
    for (const item of items) {
      const decoded = this.#decode(version, item);
      // What is there but cannot be understood is not gone.
      if (decoded.type !== 'nameless') this.#listed?.add(keyText(decoded.key));
      this.#accept(decoded, set);
    }
    this.#store.apply({ set });
  }

  /** Removes what was deleted while nobody watched. */
  endListing(): void {
    const gone = this.#store
      .list(this.#kind)
      .map((object) => keyOf(this.#kind, object))
      .filter((key) => !this.#listed?.has(keyText(key)));
    for (const [text, key] of this.#malformed) if (!this.#listed?.has(text)) this.#mend(key, 'deleted');
    this.#listed = undefined;
    this.#store.apply({ delete: gone });
  }

  /** Takes in events that came together. Of several about one object the last one counts. */
  change(version: string, events: readonly WatchEvent[]): void {
    const last = new Map<string, WatchEvent>();
    const gone = new Map<string, ResourceKey>();
    for (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      const key = keyOfObject(this.#kind, event.object);
      if (key === undefined) {
        this.#observer.malformed(undefined, []);
        continue;
      }
      const text = keyText(key);
      last.set(text, event);
      if (event.type === 'DELETED') gone.set(text, key);
    }
    for (const key of gone.values()) this.#mend(key, 'deleted');
    const set: Typed[] = [];
    for (const [text, { type, object }] of last) {
      if (type === 'DELETED') continue;
      const accepted = this.#accept(this.#decode(version, object), set);
      // Made anew under the same name: a change of that object, which its new uid tells.
      if (accepted) gone.delete(text);
    }
    this.#store.apply({ set, delete: [...gone.values()] });
  }

  /** The server does not know the kind any more. */
  clear(): void {
    this.beginListing();
    this.endListing();
  }

  #decode(version: string, object: unknown): DecodedObject {
    return decodeObject(this.#kind, version, object, this.#check);
  }

  /**
   * Whether the object made sense; it is put into `set` if it says something new. One with something wrong counts as
   * far as it can be read, unless there is a version before it: that one stays.
   */
  #accept(decoded: DecodedObject, set: Typed[]): boolean {
    switch (decoded.type) {
      case 'object': {
        const { key, object, problems } = decoded;
        const { kind, namespace, name } = key;
        const known = this.#store.get(kind, namespace, name);
        if (problems.length > 0) {
          this.#refuse(key, problems);
          if (known?.metadata.uid === object.metadata.uid) return true;
        } else this.#mend(key, 'changed');
        if (known === undefined || !saysTheSame(known, object)) set.push({ kind, object } as Typed);
        return true;
      }
      case 'malformed':
        this.#refuse(decoded.key, decoded.problems);
        return false;
      case 'nameless':
        this.#observer.malformed(undefined, []);
        return false;
    }
  }

  #refuse(key: ResourceKey, problems: readonly DocumentProblem[]): void {
    this.#malformed.set(keyText(key), key);
    this.#observer.malformed(key, problems);
  }

  #mend(key: ResourceKey, how: 'changed' | 'deleted'): void {
    if (this.#malformed.delete(keyText(key))) this.#observer.mended(key, how);
  }
}
