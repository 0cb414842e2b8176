import * as client from '@kubernetes/client-node';
import type { KubernetesObject } from './helm.ts';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

const models = client as unknown as Record<
  string,
  { getAttributeTypeMap?: () => readonly Attribute[] } | undefined
>;

/** Kinds that are custom resources themselves, and not in the API's schema. */
const custom = new Set(['PodMonitor']);

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Holds an object against the Kubernetes API's own schema: every field must be one of its kind, and of its type.
 * Answers with what does not fit.
 */
export function checkSchema(object: KubernetesObject): readonly string[] {
  if (custom.has(object.kind)) return [];
  const version = object.apiVersion.split('/').at(-1)!;
  const model = `${version[0]!.toUpperCase()}${version.slice(1)}${object.kind}`;
  if (models[model]?.getAttributeTypeMap === undefined)
    return [`${object.apiVersion} ${object.kind} is not in the API`];
  return [...checkValue(object, model, object.kind)];
}

function* checkValue(value: unknown, type: string, path: string): Generator<string> {
  if (value === null || value === undefined) {
    yield `${path} is ${value}`;
    return;
  }
  const [, item] = /^Array<(.+)>$/.exec(type) ?? [];
  const [, member] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) yield `${path} is no list`;
    else for (const [index, one] of value.entries()) yield* checkValue(one, item, `${path}[${index}]`);
  } else if (member !== undefined) {
    if (!isTree(value)) yield `${path} is no mapping`;
    else for (const [key, one] of Object.entries(value)) yield* checkValue(one, member, `${path}.${key}`);
  } else yield* checkScalarOrModel(value, type, path);
}

function* checkScalarOrModel(value: unknown, type: string, path: string): Generator<string> {
  const attributes = models[type]?.getAttributeTypeMap?.();
  if (attributes === undefined) {
    if (['string', 'number', 'boolean'].includes(type) && typeof value !== type)
      yield `${path} is ${JSON.stringify(value)} and no ${type}`;
    if (type === 'IntOrString' && !['string', 'number'].includes(typeof value))
      yield `${path} is neither a number nor text`;
    return;
  }
  if (!isTree(value)) {
    yield `${path} is no ${type}`;
    return;
  }
  const known = new Map(attributes.map(({ baseName, type: of }) => [baseName, of]));
  for (const [field, one] of Object.entries(value)) {
    const of = known.get(field);
    if (of === undefined) yield `${path} has a field ${field}, which ${type} does not have`;
    else yield* checkValue(one, of, `${path}.${field}`);
  }
}
