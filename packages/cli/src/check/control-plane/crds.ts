import { isJsonObject, listAt, textAt } from '../../manifest/json.ts';
import { type Category, type Check, type CheckContext, noneOf, type Outcome } from '../engine/check.ts';
import { paths } from '../objects.ts';

/** The kinds of the mesh, and the version of each that has to be served. */
const CRDS: Readonly<Record<string, string>> = {
  'authorizationpolicies.policy.linkerd.io': 'v1alpha1',
  'egressnetworks.policy.linkerd.io': 'v1alpha1',
  'externalworkloads.workload.linkerd.io': 'v1beta1',
  'httplocalratelimitpolicies.policy.linkerd.io': 'v1alpha1',
  'httproutes.policy.linkerd.io': 'v1beta3',
  'meshtlsauthentications.policy.linkerd.io': 'v1alpha1',
  'networkauthentications.policy.linkerd.io': 'v1alpha1',
  'serverauthorizations.policy.linkerd.io': 'v1beta1',
  'servers.policy.linkerd.io': 'v1beta3',
  'serviceprofiles.linkerd.io': 'v1alpha2',
};

export async function missingCrds({ state }: CheckContext): Promise<string[]> {
  const crds = new Map((await state.list(paths.crds)).map((crd) => [textAt(crd, 'metadata', 'name'), crd]));
  return Object.entries(CRDS).flatMap(([name, version]) => {
    const crd = crds.get(name);
    if (crd === undefined) return [`missing ${name}`];
    const served = listAt(crd, 'spec', 'versions').filter((one) => isJsonObject(one) && one.served === true);
    return served.some((one) => textAt(one, 'name') === version) ? [] : [`${name} does not serve ${version}`];
  });
}

async function crdsExist(context: CheckContext): Promise<Outcome> {
  return noneOf(await missingCrds(context));
}

/** `severity` and retries differ between the two places at which this is looked at. */
export const crdsCheck: Check = {
  description: 'control plane CustomResourceDefinitions exist',
  anchor: 'l5d-existence-crd',
  severity: 'fatal',
  remedy: 'install them with weft install --crds',
  run: crdsExist,
};

export const crds: Category = { name: 'linkerd-crd', checks: [{ ...crdsCheck, retry: true }] };
