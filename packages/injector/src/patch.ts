/** The one operation of RFC 6902 that injection needs. */
export interface PatchOperation {
  readonly op: 'add';
  /** JSON pointer (RFC 6901). */
  readonly path: string;
  readonly value: unknown;
}

/** Escapes one member name of a JSON pointer (RFC 6901 §3). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Collects operations below one prefix, in the order in which they must be applied. */
export class PatchBuilder {
  readonly operations: PatchOperation[] = [];
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(path: string, value: unknown): void {
    this.operations.push({ op: 'add', path: this.#prefix + path, value });
  }

  /** Adds members to the mapping at `path`, sorted by name, creating the mapping where the object has none. */
  addMembers(path: string, present: object | null | undefined, members: ReadonlyMap<string, string>): void {
    if (Object.keys(present ?? {}).length === 0) this.add(path, {});
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, value] of sorted) this.add(`${path}/${escapePointer(name)}`, value);
  }
}
