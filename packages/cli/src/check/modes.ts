import { identity } from './certificates/identity-checks.ts';
import { webhookCertificates } from './certificates/webhook-checks.ts';
import { config } from './control-plane/config.ts';
import { crds } from './control-plane/crds.ts';
import { existence } from './control-plane/existence.ts';
import { haChecks } from './control-plane/high-availability.ts';
import { controlPlaneVersion } from './control-plane/version.ts';
import { injection } from './data-plane/injection.ts';
import { dataPlane, dataPlaneIdentity } from './data-plane/proxies.ts';
import type { Category } from './engine/check.ts';
import { gatewayApiCrds, kubernetesApi, kubernetesVersion } from './kubernetes/api-checks.ts';
import { clocks } from './kubernetes/clocks.ts';
import { preInstall } from './kubernetes/pre-install.ts';
import { networkPolicies } from './network/network-checks.ts';

const always: readonly Category[] = [kubernetesApi, kubernetesVersion, gatewayApiCrds];

const installation: readonly Category[] = [
  ...always,
  existence,
  config,
  identity,
  webhookCertificates,
  clocks,
];

/** What is looked at, in this order, by what the user wants to know. */
export const modes = {
  /** Before an installation. */
  pre: [...always, preInstall],
  /** After the CRDs, before the control plane. */
  crds: [...always, crds],
  /** The control plane, and what could keep pods out of the mesh. */
  normal: [...installation, controlPlaneVersion, haChecks, injection, networkPolicies],
  /** The same with a look at every proxy, after what could be the reason that proxies are not ready. */
  proxy: [...installation, injection, networkPolicies, dataPlaneIdentity, dataPlane, haChecks],
} as const satisfies Readonly<Record<string, readonly Category[]>>;
