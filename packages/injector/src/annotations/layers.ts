/** Annotations by key; a Map, so that no key of a user's can be mistaken for a member of Object. */
export type Annotations = ReadonlyMap<string, string>;

/** Reads a metadata mapping; YAML scalars that are not text are taken as their text. */
export function annotationsOf(mapping: Readonly<Record<string, unknown>> | null | undefined): Annotations {
  return new Map(
    Object.entries(mapping ?? {}).map(([key, value]) => [key, value === null ? '' : String(value)]),
  );
}

/** The two places where annotations are looked up. A key that exists on the pod, even empty, hides the namespace's. */
export interface Layers {
  readonly namespace: Annotations;
  readonly pod: Annotations;
}
