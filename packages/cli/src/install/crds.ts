import { type Cluster, listObjects } from '../cluster/cluster.ts';
import { type JsonObject, memberAt, textAt } from '../manifest/json.ts';
import { InstallError } from './install-error.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GATEWAY_API = 'gateway.networking.k8s.io';

function groupOf(crd: JsonObject): string {
  return textAt(crd, 'spec', 'group');
}

/**
 * Compares the definitions to install with those that are there.
 * @throws InstallError where the Gateway API is somebody else's already.
 */
export function assertGatewayApiFree(wanted: readonly JsonObject[], present: readonly JsonObject[]): void {
  if (!wanted.some((crd) => groupOf(crd) === GATEWAY_API)) return;
  const foreign = present.find(
    (crd) =>
      groupOf(crd) === GATEWAY_API &&
      memberAt(crd, 'metadata', 'labels', 'linkerd.io/control-plane-ns') === undefined,
  );
  if (foreign === undefined) return;
  throw new InstallError(
    'gateway_api_foreign',
    `${textAt(foreign, 'metadata', 'name')} is installed already, and not by this program: leave installGatewayAPI off`,
  );
}

/** @throws InstallError where a definition that the control plane needs is missing. */
export function assertCrdsPresent(wanted: readonly JsonObject[], present: readonly JsonObject[]): void {
  const names = new Set(present.map((crd) => textAt(crd, 'metadata', 'name')));
  const missing = wanted
    .filter((crd) => groupOf(crd) !== GATEWAY_API)
    .map((crd) => textAt(crd, 'metadata', 'name'))
    .filter((name) => !names.has(name));
  if (missing.length === 0) return;
  throw new InstallError(
    'crds_missing',
    `the custom resource definitions come first: weft install --crds | kubectl apply -f - (missing: ${missing.join(', ')})`,
  );
}

export function listCrds(cluster: Cluster, signal: AbortSignal): Promise<JsonObject[]> {
  return listObjects(cluster, CRDS, signal);
}
