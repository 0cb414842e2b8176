import { type CheckObject, kindDefinitions } from '@weft/kubernetes';
import { validate } from '@weft/validator';

/**
 * What the mesh's own webhook would refuse in an object that has come past it. Other kinds are those of Kubernetes,
 * which checks them itself.
 */
export const meshProblems: CheckObject = (kind, object) => {
  const { group, kind: name } = kindDefinitions[kind];
  if (!group.endsWith('linkerd.io')) return [];
  const namespace = (object.metadata as { readonly namespace?: string } | undefined)?.namespace ?? '';
  const result = validate({ group, kind: name, namespace }, object);
  if (result.type !== 'invalid') return [];
  return result.problems.map((problem) => ({ code: 'invalid_field', ...problem }));
};
