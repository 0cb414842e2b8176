import { textAt } from '../../manifest/json.ts';
import type { AccessQuestion } from '../cluster-state.ts';
import { type Category, type Check, type CheckContext, failed, noneOf, passed } from '../engine/check.ts';
import { noClockSkew } from './clocks.ts';

const namespaceAbsent: Check = {
  description: 'control plane namespace does not already exist',
  anchor: 'pre-ns',
  severity: 'error',
  run: async ({ state, namespace }) =>
    (await state.get(`/api/v1/namespaces/${namespace}`)) === undefined
      ? passed
      : failed(`the namespace "${namespace}" exists already`),
};

async function refusals({ state }: CheckContext, questions: readonly AccessQuestion[]): Promise<string[]> {
  const answers = await Promise.all(questions.map((question) => state.may(question)));
  return questions
    .filter((_, index) => !answers[index])
    .map(
      ({ verb, resource, group }) => `not allowed to ${verb} ${resource}${group === '' ? '' : `.${group}`}`,
    );
}

const CLUSTER_SCOPED: readonly (readonly [group: string, resource: string])[] = [
  ['', 'namespaces'],
  ['rbac.authorization.k8s.io', 'clusterroles'],
  ['rbac.authorization.k8s.io', 'clusterrolebindings'],
  ['apiextensions.k8s.io', 'customresourcedefinitions'],
  ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations'],
  ['admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
];

const clusterScoped: Check = {
  description: 'can create non-namespaced resources',
  anchor: 'pre-k8s-cluster-k8s',
  severity: 'error',
  run: async (context) =>
    noneOf(
      await refusals(
        context,
        CLUSTER_SCOPED.map(([group, resource]) => ({ verb: 'create', group, resource })),
      ),
    ),
};

function mayIn(description: string, verb: string, group: string, resource: string): Check {
  return {
    description,
    anchor: 'pre-k8s',
    severity: 'error',
    run: async (context) =>
      noneOf(await refusals(context, [{ verb, group, resource, namespace: context.namespace }])),
  };
}

const canReadAuthentication: Check = {
  description: 'can read extension-apiserver-authentication configmap',
  anchor: 'pre-k8s',
  severity: 'error',
  run: async ({ state }) => {
    const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
    const config = await state.get(path);
    const found = textAt(config ?? null, 'data', 'requestheader-client-ca-file') !== '';
    return found
      ? passed
      : failed('kube-system/extension-apiserver-authentication has no requestheader-client-ca-file');
  },
};

export const preInstall: Category = {
  name: 'pre-kubernetes-setup',
  checks: [
    namespaceAbsent,
    clusterScoped,
    mayIn('can create ServiceAccounts', 'create', '', 'serviceaccounts'),
    mayIn('can create Services', 'create', '', 'services'),
    mayIn('can create Deployments', 'create', 'apps', 'deployments'),
    mayIn('can create CronJobs', 'create', 'batch', 'cronjobs'),
    mayIn('can create ConfigMaps', 'create', '', 'configmaps'),
    mayIn('can create Secrets', 'create', '', 'secrets'),
    mayIn('can read Secrets', 'get', '', 'secrets'),
    canReadAuthentication,
    noClockSkew,
  ],
};
