import {
  type DeepPartial,
  defaultValues,
  InjectError,
  type InjectorValues,
  inject,
  mergeValues,
} from '@weft/injector';
import { type JsonObject, listAt, memberAt, textAt } from '../../manifest/json.ts';
import { isFinished, podName, proxyContainerOf } from '../../mesh/meshed-pod.ts';
import { type Category, noneOf } from '../engine/check.ts';
import { installedValues, paths } from '../objects.ts';

const INJECT = 'linkerd.io/inject';
const WEBHOOKS_LABEL = 'config.linkerd.io/admission-webhooks';
/** Namespaces that the webhook is never asked about. */
const EXEMPT = ['kube-system', 'cert-manager'];

type Annotations = Readonly<Record<string, string>>;

/** What decides whether pods are injected. */
export interface InjectionWorld {
  readonly pods: readonly JsonObject[];
  readonly namespaces: readonly JsonObject[];
  readonly values: JsonObject;
  readonly linkerdNamespace: string;
}

/** Pods that the injector would give a proxy if they came now, and that run without one. */
export function podsWithoutProxy({ pods, namespaces, values, linkerdNamespace }: InjectionWorld): string[] {
  const known = new Map(namespaces.map((one) => [textAt(one, 'metadata', 'name'), one]));
  // A render that fails for want of anchors would say nothing about the pod.
  const installed = mergeValues(defaultValues, values as DeepPartial<InjectorValues>);
  const injector = { ...installed, linkerdNamespace, identityTrustAnchorsPEM: 'known to the injector' };
  return pods.flatMap((pod) => {
    const name = textAt(pod, 'metadata', 'namespace');
    const namespace = known.get(name);
    if (namespace === undefined || proxyContainerOf(pod) !== undefined || !isAskedAbout(pod, namespace))
      return [];
    const annotations = namespaceAnnotations(namespace, values, linkerdNamespace);
    const problem = wantOf({ ...pod, kind: 'Pod' }, { name, annotations }, injector);
    return problem === undefined ? [] : [`${podName(pod)}${problem}`];
  });
}

/** Whether the API server asks the injector about such a pod. */
function isAskedAbout(pod: JsonObject, namespace: JsonObject): boolean {
  const labels = memberAt(pod, 'metadata', 'labels') ?? null;
  return (
    !isFinished(pod) &&
    !EXEMPT.includes(textAt(namespace, 'metadata', 'name')) &&
    textAt(namespace, 'metadata', 'labels', WEBHOOKS_LABEL) !== 'disabled' &&
    memberAt(labels, 'linkerd.io/control-plane-component') === undefined &&
    memberAt(labels, 'linkerd.io/cni-resource') === undefined
  );
}

/** The namespace's annotations, and the wish that the installation adds where injection is the default. */
function namespaceAnnotations(
  namespace: JsonObject,
  values: JsonObject,
  linkerdNamespace: string,
): Annotations {
  const annotations = (memberAt(namespace, 'metadata', 'annotations') ?? {}) as Record<string, string>;
  const name = textAt(namespace, 'metadata', 'name');
  const byDefault = memberAt(values, 'proxyInjector', 'injectByDefault') ?? null;
  const except = [linkerdNamespace, ...listAt(byDefault, 'exceptNamespaces')];
  const applies =
    memberAt(byDefault, 'enabled') === true && !name.startsWith('kube-') && !except.includes(name);
  return applies && (annotations[INJECT] ?? '') === ''
    ? { ...annotations, [INJECT]: 'enabled' }
    : annotations;
}

/** What to say of a pod that wants a proxy; undefined for one that does not. */
function wantOf(
  workload: JsonObject,
  namespace: { name: string; annotations: Annotations },
  values: InjectorValues,
): string | undefined {
  try {
    return inject({ workload, namespace, values, origin: 'webhook' }).kind === 'injected' ? '' : undefined;
  } catch (error) {
    if (error instanceof InjectError) return `: ${error.message}`;
    throw error;
  }
}

export const injection: Category = {
  name: 'weft-injection',
  checks: [
    {
      description: 'pods that ask for injection have a proxy',
      severity: 'warning',
      remedy:
        'they came while nothing injected them: restart their workloads (kubectl rollout restart), and see that the injector is ready',
      run: async (context) => {
        const { state, namespace: linkerdNamespace, dataPlaneNamespace } = context;
        const [pods, namespaces, values] = await Promise.all([
          state.list(paths.pods),
          state.list(paths.namespaces),
          installedValues(context),
        ]);
        const looked = pods.filter(
          (pod) =>
            dataPlaneNamespace === undefined || textAt(pod, 'metadata', 'namespace') === dataPlaneNamespace,
        );
        return noneOf(podsWithoutProxy({ pods: looked, namespaces, values, linkerdNamespace }));
      },
    },
  ],
};
