import { type JsonObject, listAt, memberAt, objectAt, textAt } from '../../manifest/json.ts';
import { PROXY_CONTAINER, podName, proxyVersionOf } from '../../mesh/meshed-pod.ts';
import { installedVersion } from '../control-plane/version.ts';
import { type Category, type Check, failed, noneOf, passed, skipped } from '../engine/check.ts';
import { meshedPods, paths } from '../objects.ts';
import { leavesValid } from './leaves.ts';
import { anchorsMatch } from './trust.ts';

const namespaceExists: Check = {
  description: 'data plane namespace exists',
  anchor: 'l5d-data-plane-exists',
  severity: 'fatal',
  run: async ({ state, dataPlaneNamespace }) => {
    if (dataPlaneNamespace === undefined) return skipped;
    const found = await state.get(`/api/v1/namespaces/${dataPlaneNamespace}`);
    return found === undefined ? failed(`the namespace "${dataPlaneNamespace}" does not exist`) : passed;
  },
};

/** Why a pod's proxy is not ready; undefined where it is. */
function proxyUnreadiness(pod: JsonObject): string | undefined {
  const status = [
    ...listAt(pod, 'status', 'containerStatuses'),
    ...listAt(pod, 'status', 'initContainerStatuses'),
  ].find((one) => textAt(one, 'name') === PROXY_CONTAINER);
  if (memberAt(status, 'ready') === true) return undefined;
  return textAt(objectAt(status, 'state', 'waiting') ?? null, 'reason') || 'not ready yet';
}

const proxiesReady: Check = {
  description: 'data plane proxies are ready',
  anchor: 'l5d-data-plane-ready',
  severity: 'fatal',
  retry: true,
  run: async (context) =>
    noneOf(
      (await meshedPods(context)).flatMap((pod) => {
        const why = proxyUnreadiness(pod);
        return why === undefined ? [] : [`the proxy of ${podName(pod)} is not ready: ${why}`];
      }),
    ),
};

function otherVersions(pods: readonly JsonObject[], version: string): string[] {
  return pods
    .filter((pod) => proxyVersionOf(pod) !== version)
    .map((pod) => `${podName(pod)} (${proxyVersionOf(pod)})`);
}

const upToDate: Check = {
  description: 'data plane is up-to-date',
  anchor: 'l5d-data-plane-version',
  severity: 'warning',
  remedy: 'restart their workloads, so that they are injected with the proxy of the control plane',
  run: async (context) => {
    const version = await installedVersion(context);
    return noneOf(otherVersions(await meshedPods(context), version).map((pod) => `${pod} is not ${version}`));
  },
};

const matchesCli: Check = {
  description: 'data plane and cli versions match',
  anchor: 'l5d-data-plane-cli-version',
  severity: 'warning',
  run: async (context) => {
    const others = otherVersions(await meshedPods(context), context.clientVersion);
    return others.length === 0 ? passed : failed(`${others[0]} but cli running ${context.clientVersion}`);
  },
};

/** Configuration that was written down as a label, where nobody reads it. */
function misplacedLabels(objects: readonly JsonObject[], namespace: string | undefined): string[] {
  return objects.flatMap((object) => {
    if (namespace !== undefined && textAt(object, 'metadata', 'namespace') !== namespace) return [];
    const labels = Object.keys(objectAt(object, 'metadata', 'labels') ?? {});
    const found = labels.filter(
      (key) => key === 'linkerd.io/inject' || /^config\.(alpha\.|beta\.)?linkerd\.io\//.test(key),
    );
    return found.map((key) => `${podName(object)}: ${key} is an annotation, not a label`);
  });
}

const podLabels: Check = {
  description: 'data plane pod labels are configured correctly',
  anchor: 'l5d-data-plane-pod-labels',
  severity: 'warning',
  run: async (context) => noneOf(misplacedLabels(await meshedPods(context), context.dataPlaneNamespace)),
};

const serviceLabels: Check = {
  description: 'data plane service labels are configured correctly',
  anchor: 'l5d-data-plane-services-labels',
  severity: 'warning',
  run: async ({ state, dataPlaneNamespace }) =>
    noneOf(misplacedLabels(await state.list(paths.services), dataPlaneNamespace)),
};

const EXPORTED = 'mirror.linkerd.io/exported';

const serviceAnnotations: Check = {
  description: 'data plane service annotations are configured correctly',
  anchor: 'l5d-data-plane-services-annotations',
  severity: 'warning',
  run: async ({ state, dataPlaneNamespace }) =>
    noneOf(
      (await state.list(paths.services))
        .filter(
          (one) =>
            dataPlaneNamespace === undefined || textAt(one, 'metadata', 'namespace') === dataPlaneNamespace,
        )
        .filter((service) => memberAt(service, 'metadata', 'annotations', EXPORTED) !== undefined)
        .map((service) => `${podName(service)}: ${EXPORTED} is a label, not an annotation`),
    ),
};

export const dataPlaneIdentity: Category = {
  name: 'linkerd-identity-data-plane',
  checks: [anchorsMatch, leavesValid],
};

export const dataPlane: Category = {
  name: 'linkerd-data-plane',
  checks: [namespaceExists, proxiesReady, upToDate, matchesCli, podLabels, serviceLabels, serviceAnnotations],
};
