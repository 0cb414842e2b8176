/** What `mergeValues` takes: any part of the values, lists and leaves replaced as a whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Lays `overrides` over `base` as Helm does: mappings merge member by member, everything else is replaced.
 * Neither argument is changed; `undefined` overrides nothing. A member named `__proto__` is data.
 */
export function mergeValues<T>(base: T, overrides: DeepPartial<NoInfer<T>>): T {
  return merge(base, overrides) as T;
}

function merge(base: unknown, overrides: unknown): unknown {
  if (overrides === undefined) return base;
  if (!isMapping(base) || !isMapping(overrides)) return overrides;
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(overrides)) merged.set(name, merge(merged.get(name), value));
  return Object.fromEntries(merged);
}
