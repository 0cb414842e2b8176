import { memberAt, textAt } from '../../manifest/json.ts';
import { type Category, type Check, failed, noneOf, passed } from '../engine/check.ts';
import { installedValues, paths } from '../objects.ts';
import { crdsCheck } from './crds.ts';

const namespaceExists: Check = {
  description: 'control plane Namespace exists',
  anchor: 'l5d-existence-ns',
  severity: 'fatal',
  run: async ({ state, namespace }) =>
    (await state.get(`/api/v1/namespaces/${namespace}`)) === undefined
      ? failed(`the namespace "${namespace}" does not exist`)
      : passed,
};

function allExist(
  kinds: string,
  anchor: string,
  collection: (namespace: string) => string,
  names: (namespace: string) => readonly string[],
): Check {
  return {
    description: `control plane ${kinds} exist`,
    anchor,
    severity: 'fatal',
    run: async ({ state, namespace }) => {
      const found = new Set(
        (await state.list(collection(namespace))).map((one) => textAt(one, 'metadata', 'name')),
      );
      return noneOf(
        names(namespace)
          .filter((name) => !found.has(name))
          .map((name) => `missing ${kinds}: ${name}`),
      );
    },
  };
}

const roles = (namespace: string) => [`linkerd-${namespace}-identity`, `linkerd-${namespace}-proxy-injector`];

const dockerNeedsRoot: Check = {
  description: 'proxy-init container runs as root user if docker container runtime is used',
  anchor: 'l5d-proxy-init-run-as-root',
  severity: 'error',
  run: async (context) => {
    const values = await installedValues(context);
    const nodes = await context.state.list(paths.nodes);
    const docker = nodes.some((node) =>
      textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion').startsWith('docker:'),
    );
    const isRoot = memberAt(values, 'proxyInit', 'runAsRoot') === true;
    const hasCni = memberAt(values, 'cniEnabled') === true;
    if (!docker || isRoot || hasCni) return passed;
    return failed('there are nodes with the docker runtime; the value proxyInit.runAsRoot must be true');
  },
};

export const config: Category = {
  name: 'linkerd-config',
  checks: [
    namespaceExists,
    allExist('ClusterRoles', 'l5d-existence-cr', () => paths.clusterRoles, roles),
    allExist('ClusterRoleBindings', 'l5d-existence-crb', () => paths.clusterRoleBindings, roles),
    allExist(
      'ServiceAccounts',
      'l5d-existence-sa',
      (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
      () => ['linkerd-destination', 'linkerd-identity', 'linkerd-proxy-injector'],
    ),
    crdsCheck,
    allExist(
      'MutatingWebhookConfigurations',
      'l5d-existence-mwc',
      () => paths.mutatingWebhooks,
      () => ['linkerd-proxy-injector-webhook-config'],
    ),
    allExist(
      'ValidatingWebhookConfigurations',
      'l5d-existence-vwc',
      () => paths.validatingWebhooks,
      () => ['linkerd-sp-validator-webhook-config'],
    ),
    dockerNeedsRoot,
  ],
};
