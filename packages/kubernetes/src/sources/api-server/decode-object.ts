import { apiResources, apiVersionOf } from '../../api/api-resources.ts';
import { type Kind, kindDefinitions, type Resource } from '../../kinds.ts';
import { checkResource } from '../../manifests/decode-resource.ts';
import type { DocumentProblem } from '../../manifests/problem.ts';
import type { ResourceKey } from '../source.ts';
import { blankSpecs } from './blank-specs.ts';
import { isTree, type Tree, trim } from './trim.ts';

export type DecodedObject =
  | {
      readonly type: 'object';
      readonly key: ResourceKey;
      readonly object: Resource;
      /** What is wrong with it although it can be read. */
      readonly problems: readonly DocumentProblem[];
    }
  /** Something with a name whose content makes no sense. */
  | { readonly type: 'malformed'; readonly key: ResourceKey; readonly problems: readonly DocumentProblem[] }
  /** Not even a name. */
  | { readonly type: 'nameless' };

/** Looks for what is wrong with an object beyond what its own kind's fields must be. */
export type CheckObject = (kind: Kind, object: Tree) => readonly DocumentProblem[];

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The name of an object; undefined when it has none. */
export function keyOfObject(kind: Kind, object: unknown): ResourceKey | undefined {
  const metadata = isTree(object) && isTree(object.metadata) ? object.metadata : {};
  const name = textOf(metadata.name);
  if (name === '') return undefined;
  return { kind, namespace: kindDefinitions[kind].namespaced ? textOf(metadata.namespace) : '', name };
}

/**
 * What is read of an object as a server sends it. Items of a list say neither kind nor version, and metadata
 * alone says another kind: both are known from the request.
 */
export function decodeObject(
  kind: Kind,
  version: string,
  object: unknown,
  check: CheckObject = () => [],
): DecodedObject {
  const key = keyOfObject(kind, object);
  if (key === undefined || !isTree(object)) return { type: 'nameless' };
  const content: Tree =
    apiResources[kind].read === 'metadata'
      ? { metadata: trim(kind, object).metadata, ...blankSpecs[kind] }
      : trim(kind, object);
  const named = { apiVersion: apiVersionOf(kind, version), kind: kindDefinitions[kind].kind, ...content };
  const checked = checkResource(kind, named);
  return checked.type === 'resource'
    ? { type: 'object', key, object: checked.resource, problems: check(kind, named) }
    : { type: 'malformed', key, problems: checked.problems };
}
