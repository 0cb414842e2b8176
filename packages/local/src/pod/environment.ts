import type { Container, DataObject, Pod } from '../cluster/objects.ts';
import { LocalError } from '../errors.ts';
import { dataText } from './data-files.ts';

/** Finds a ConfigMap or Secret of the pod's namespace. */
export type FindData = (kind: 'ConfigMap' | 'Secret', name: string) => DataObject | undefined;

/**
 * Replaces `$(NAME)` by the value of a variable defined before; `$$` stands for a dollar sign and a reference to an
 * unknown variable stays as it is written, as in Kubernetes.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? match),
  );
}

/** The environment of a container, in the order of its manifest. */
export function containerEnvironment(
  container: Container,
  pod: Pod,
  findData: FindData,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const reference = configMapRef ?? secretRef;
    if (reference === undefined) continue;
    const data = findData(configMapRef ? 'ConfigMap' : 'Secret', reference.name);
    if (data === undefined && !reference.optional) throw missing(pod, container, reference.name);
    for (const [key, value] of Object.entries(data ? dataText(data) : {})) variables.set(prefix + key, value);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      variables.set(name, expand(value ?? '', variables));
    } else if (valueFrom.fieldRef) {
      variables.set(name, podField(pod, valueFrom.fieldRef.fieldPath));
    } else {
      const reference = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef;
      if (reference === undefined) continue;
      const data = findData(valueFrom.configMapKeyRef ? 'ConfigMap' : 'Secret', reference.name);
      const text = data && dataText(data)[reference.key];
      if (text !== undefined) variables.set(name, text);
      else if (!reference.optional) throw missing(pod, container, `${reference.name}, key ${reference.key}`);
    }
  }
  return variables;
}

/** The command line of a container, with the variables of its environment filled in. */
export function containerArguments(
  { command = [], args = [] }: Container,
  variables: ReadonlyMap<string, string>,
): readonly string[] {
  return [...command, ...args].map((part) => expand(part, variables));
}

/** A field of the pod by its downward-API path; empty for fields a pod on one machine does not have. */
export function podField({ metadata, spec, status }: Pod, path: string): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? 'default';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return fieldLines(metadata.labels);
    case 'metadata.annotations':
      return fieldLines(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
    case 'status.hostIPs':
      return status?.hostIP ?? '';
    case 'status.podIP':
    case 'status.podIPs':
      return status?.podIP ?? '';
    default:
      return '';
  }
}

const fieldLines = (fields: Readonly<Record<string, string>> = {}) =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');

function missing(pod: Pod, container: Container, what: string): LocalError {
  const where = `${pod.metadata.namespace}/${pod.metadata.name}, container ${container.name}`;
  return new LocalError('bad_workload', `${where}: its environment needs ${what}, which is not there`, {
    what,
  });
}
