/** Why a manifest, or part of one, is not in force. */
export type ManifestProblemCode =
  | 'unreadable'
  | 'too_large'
  | 'syntax'
  | 'not_an_object'
  | 'invalid_field'
  | 'duplicate';

/** What is wrong with one document, in words an operator can act on. */
export interface DocumentProblem {
  readonly code: ManifestProblemCode;
  /** Path of the field, `spec.ports[0].port`; empty when the document as a whole is meant. */
  readonly field: string;
  readonly message: string;
}

/** A problem and where it is. */
export interface ManifestProblem extends DocumentProblem {
  readonly file: string;
  /** Which document of the file, from 0; undefined when the file as a whole is meant. */
  readonly document: number | undefined;
  /** Line of the file, from 1, where the document begins or the syntax breaks. */
  readonly line: number | undefined;
}

export function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? String(part) : `.${String(part)}`))
    .join('');
}

/** The value at a path as short text, for messages; secrets are not among the kinds that are read. */
export function describeValue(root: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return 'nothing';
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
