import { type JsonObject, listAt, textAt } from '../manifest/json.ts';

/** `True`, `False` or `Unknown`; empty where an object has no such condition. */
export function conditionStatus(object: JsonObject | undefined, type: string): string {
  const conditions = listAt(object, 'status', 'conditions');
  return textAt(conditions.find((one) => textAt(one, 'type') === type) ?? null, 'status');
}
