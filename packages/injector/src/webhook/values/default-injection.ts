import { INJECT } from '../../annotations/keys.ts';

/** Whether pods are injected that nobody has annotated. */
export interface DefaultInjection {
  readonly enabled: boolean;
  /** Namespaces whose pods still need an annotation, besides the control plane's and those named `kube-…`. */
  readonly exceptNamespaces: readonly string[];
}

/** Linkerd's way: injection is asked for. */
export const optIn: DefaultInjection = { enabled: false, exceptNamespaces: [] };

export interface NamespaceFacts {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Kubernetes keeps this prefix for itself. */
const SYSTEM_PREFIX = 'kube-';

/**
 * The namespace as injection is to see it: where injection is the default, as if it were annotated. Its own
 * annotation counts more, and a pod's more than that.
 */
export function withDefaultInjection(
  namespace: NamespaceFacts,
  { enabled, exceptNamespaces }: DefaultInjection,
  linkerdNamespace: string,
): NamespaceFacts {
  const { name, annotations } = namespace;
  const isSystem =
    name === linkerdNamespace || name.startsWith(SYSTEM_PREFIX) || exceptNamespaces.includes(name);
  if (!enabled || isSystem || (annotations[INJECT] ?? '') !== '') return namespace;
  return { name, annotations: { ...annotations, [INJECT]: 'enabled' } };
}
