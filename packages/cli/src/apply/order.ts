import { type JsonObject, textAt } from '../manifest/json.ts';

/** What has to be there before what. Kinds that are not named come in the middle. */
const FIRST = [
  'Namespace',
  'CustomResourceDefinition',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  // By the ConfigMap an installation is recognized, and its Secret must be there by then.
  'Secret',
  'ConfigMap',
  'Service',
];

/** A webhook that nobody answers yet would be asked about what comes after it. */
const LAST = ['Deployment', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'];

function rankOf(object: JsonObject): number {
  const kind = textAt(object, 'kind');
  const last = LAST.indexOf(kind);
  if (last >= 0) return FIRST.length + 1 + last;
  const first = FIRST.indexOf(kind);
  return first >= 0 ? first : FIRST.length;
}

/** The stages in which objects are made: those of one stage do not need each other. */
export function inStages(objects: readonly JsonObject[]): JsonObject[][] {
  const stages = Map.groupBy(objects, rankOf);
  return [...stages].toSorted(([a], [b]) => a - b).map(([, stage]) => stage);
}

/** The order in which they are removed: the other way round. */
export function inReverseOrder(objects: readonly JsonObject[]): JsonObject[] {
  return objects.toSorted((a, b) => rankOf(b) - rankOf(a));
}
