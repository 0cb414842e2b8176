import { textAt } from '../../manifest/json.ts';
import { type Category, type Check, failed, passed } from '../engine/check.ts';
import { paths } from '../objects.ts';

/** Oldest version of Kubernetes that the charts are made for. */
const MINIMUM = [1, 31] as const;

/** Whether `v1.34.2+k3s1` is at least the minimum. */
export function isNewEnough(
  gitVersion: string,
  [major, minor]: readonly [number, number] = MINIMUM,
): boolean {
  const match = /^v?(\d+)\.(\d+)/.exec(gitVersion);
  if (match === null) throw new Error(`"${gitVersion}" is no version of Kubernetes`);
  const found = [Number(match[1]), Number(match[2])] as const;
  return found[0] > major || (found[0] === major && found[1] >= minor);
}

const canQuery: Check = {
  description: 'can query the Kubernetes API',
  anchor: 'k8s-api',
  severity: 'fatal',
  run: async ({ state }) =>
    (await state.get('/version')) === undefined
      ? failed(`${state.server} is no Kubernetes API server`)
      : passed,
};

const minimumVersion: Check = {
  description: 'is running the minimum Kubernetes API version',
  anchor: 'k8s-version',
  severity: 'error',
  run: async ({ state }) => {
    const version = textAt((await state.get('/version')) ?? null, 'gitVersion');
    if (isNewEnough(version)) return passed;
    return failed(`Kubernetes is on version ${version}, but ${MINIMUM.join('.')} or later is needed`);
  },
};

const gatewayApi: Check = {
  description: 'Gateway API CRDs are installed',
  anchor: 'gateway-api-crd',
  severity: 'warning',
  remedy: 'without them, routes are those of policy.linkerd.io alone',
  run: async ({ state }) => {
    const names = (await state.list(paths.crds)).map((crd) => textAt(crd, 'metadata', 'name'));
    const found = names.some((name) => /^(http|grpc)routes\.gateway\.networking\.k8s\.io$/.test(name));
    return found ? passed : failed('neither HTTPRoute nor GRPCRoute of gateway.networking.k8s.io is served');
  },
};

export const kubernetesApi: Category = { name: 'kubernetes-api', checks: [canQuery] };
export const kubernetesVersion: Category = { name: 'kubernetes-version', checks: [minimumVersion] };
export const gatewayApiCrds: Category = { name: 'gateway-api-crd', checks: [gatewayApi] };
