import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Kind, kindDefinitions, kindOf, type Resource } from '../kinds.ts';
import type { Typed } from '../sources/source.ts';
import { type DocumentProblem, describeValue, fieldPath } from './problem.ts';

export type Decoded =
  | { readonly type: 'resource'; readonly resource: Typed }
  /** A kind the mesh does not read. */
  | { readonly type: 'ignored' }
  | { readonly type: 'invalid'; readonly problems: readonly DocumentProblem[] };

/** When an object without a creation time was made; policies of equal age are ordered by name. */
const EPOCH = '1970-01-01T00:00:00Z';

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** To Kubernetes a field that is null is a field that is absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isTree(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutNulls(field)]));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A stable UUID for an object that has none. */
function uidFor(kind: string, namespace: string, name: string): string {
  const hex = digest(`${kind}/${namespace}/${name}`);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

const invalid = (code: DocumentProblem['code'], field: string, message: string): Decoded => ({
  type: 'invalid',
  problems: [{ code, field, message }],
});

function describeIssue(issue: z.core.$ZodIssue, root: unknown): DocumentProblem {
  const field = fieldPath(issue.path);
  return {
    code: 'invalid_field',
    field,
    message: `${field || 'the document'} is ${describeValue(root, issue.path)}: ${issue.message}`,
  };
}

export type Checked =
  | { readonly type: 'resource'; readonly resource: Resource }
  | { readonly type: 'invalid'; readonly problems: readonly DocumentProblem[] };

/** Checks the fields of an object whose kind is known, and fills in the defaults of those that are absent. */
export function checkResource(kind: Kind, object: unknown): Checked {
  return checkCleaned(kind, withoutNulls(object));
}

function checkCleaned(kind: Kind, cleaned: unknown): Checked {
  const parsed = kindDefinitions[kind].schema.safeParse(cleaned);
  return parsed.success
    ? { type: 'resource', resource: parsed.data as Resource }
    : { type: 'invalid', problems: parsed.error.issues.map((issue) => describeIssue(issue, cleaned)) };
}

/**
 * Checks one document and fills in what an API server would: the default namespace, `uid`,
 * `creationTimestamp` and a `resourceVersion` that is a digest of the content (also over a written one, since
 * an edit by hand rarely changes it).
 */
export function decodeResource(document: unknown): Decoded {
  if (!isTree(document))
    return invalid('not_an_object', '', 'the document is not a mapping with apiVersion and kind');
  const { apiVersion, kind: kindName } = document;
  if (typeof apiVersion !== 'string')
    return invalid(
      'invalid_field',
      'apiVersion',
      `apiVersion is ${describeValue(apiVersion, [])}: a string is required`,
    );
  if (typeof kindName !== 'string')
    return invalid('invalid_field', 'kind', `kind is ${describeValue(kindName, [])}: a string is required`);
  const kind = kindOf(apiVersion, kindName);
  if (kind === undefined) return { type: 'ignored' };

  const cleaned = withoutNulls(document);
  const checked = checkCleaned(kind, cleaned);
  if (checked.type === 'invalid') return checked;

  const { resource } = checked;
  const { metadata } = resource;
  const namespace = kindDefinitions[kind].namespaced ? metadata.namespace || 'default' : '';
  const object = {
    ...resource,
    metadata: {
      ...metadata,
      namespace,
      uid: metadata.uid || uidFor(kind, namespace, metadata.name),
      resourceVersion: digest(JSON.stringify(cleaned)).slice(0, 16),
      creationTimestamp: metadata.creationTimestamp || EPOCH,
    },
  };
  return { type: 'resource', resource: { kind, object } as Typed };
}
