import type { z } from 'zod';

/** What is wrong with one field of an object. */
export interface Problem {
  /** Path, as `spec.networks[0].cidr`. */
  readonly field: string;
  /** Names the field, its value and what it must be. */
  readonly message: string;
}

const VALUE_LENGTH = 80;

function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`,
    )
    .join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function asText(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH)}…`;
}

/** One finding of a schema, in words for whoever wrote the object. */
export function problemOf(root: unknown, { path, message }: z.core.$ZodIssue): Problem {
  const field = fieldOf(path);
  return { field, message: `${field || 'the object'} is ${asText(valueAt(root, path))}: ${message}` };
}
