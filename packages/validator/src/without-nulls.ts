/** No field of the mesh's kinds lies deeper; what does is left as it is and refused by its schema. */
const DEPTH = 64;

/** To Kubernetes a field that is null is a field that is absent. An element of a list stays what it is. */
export function withoutNulls(value: unknown, depth = DEPTH): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth - 1));
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutNulls(field, depth - 1)]));
}
