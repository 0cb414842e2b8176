type KnownKeys<T> = keyof { [K in keyof T as string extends K ? never : K]: 1 };

/**
 * The declared fields of a loosely parsed object. Parsing keeps every field of a manifest, since a pod must
 * survive being patched and written back; the types name only what the mesh reads, so that a misspelt field
 * is a compile error and not `unknown`. Plain records (labels) stay records.
 */
export type Known<T> = T extends readonly (infer U)[]
  ? readonly Known<U>[]
  : T extends object
    ? [KnownKeys<T>] extends [never]
      ? T
      : { readonly [K in keyof T as string extends K ? never : K]: Known<T[K]> }
    : T;
