/** What YAML and JSON documents are made of. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member at a path, or undefined where any part of the way is missing. */
export function memberAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let node: Json | undefined = value;
  for (const name of path) {
    if (!isJsonObject(node) || !Object.hasOwn(node, name)) return undefined;
    node = node[name];
  }
  return node;
}

/** The mapping at a path; undefined where there is none, or something else. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject | undefined {
  const found = memberAt(value, ...path);
  return isJsonObject(found) ? found : undefined;
}

/** The items of the list at a path; none where there is no list. */
export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = memberAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path; empty where there is none, or something else. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = memberAt(value, ...path);
  return typeof found === 'string' ? found : '';
}
