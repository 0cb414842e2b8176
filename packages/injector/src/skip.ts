import type { Decision } from './decision.ts';
import { serviceAccountMount } from './service-account-mount.ts';
import type { SkipReason } from './skip-reason.ts';
import type { InjectorValues } from './values.ts';
import { allContainers, type Container, type PodSpec } from './workload.ts';

const SIDECAR_IMAGES = ['cr.l5d.io/linkerd/proxy:', 'gcr.io/istio-release/proxyv2:'];
const SIDECAR_NAMES = ['linkerd-proxy', 'istio-proxy'];
const INIT_IMAGES = ['cr.l5d.io/linkerd/proxy-init:', 'gcr.io/istio-release/proxy_init:'];
const INIT_NAMES = ['linkerd-init', 'istio-init'];

function isOneOf({ name = '', image = '' }: Container, names: readonly string[], images: readonly string[]) {
  return names.includes(name) || images.some((prefix) => image.startsWith(prefix));
}

function hasSidecar(spec: PodSpec): boolean {
  return (
    allContainers(spec).some((container) => isOneOf(container, SIDECAR_NAMES, SIDECAR_IMAGES)) ||
    (spec.initContainers ?? []).some((container) => isOneOf(container, INIT_NAMES, INIT_IMAGES))
  );
}

/** Without a projected token the proxy depends on the pod's own mount of its service account. */
function lacksToken(spec: PodSpec, values: InjectorValues, origin: 'webhook' | 'cli-manual'): boolean {
  if (values.identity.serviceAccountTokenProjection) return false;
  if (spec.automountServiceAccountToken === false) return true;
  return origin === 'webhook' && serviceAccountMount(spec) === undefined;
}

/** Every reason against injecting this pod, in the order in which Linkerd reports them. */
export function skipReasons(
  spec: PodSpec,
  decision: Decision,
  values: InjectorValues,
  origin: 'webhook' | 'cli-manual',
): readonly SkipReason[] {
  const reasons: SkipReason[] = [];
  if (spec.hostNetwork === true) {
    reasons.push({ code: 'host_network_enabled', text: 'hostNetwork is enabled' });
  }
  if (hasSidecar(spec)) {
    reasons.push({ code: 'sidecar_already_exists', text: 'pod has a sidecar injected already' });
  }
  if (!decision.inject) reasons.push(decision.reason);
  if (lacksToken(spec, values, origin)) {
    reasons.push({
      code: 'disabled_automount_service_account_token_account',
      text: 'automountServiceAccountToken set to "false", with Values.identity.serviceAccountTokenProjection set to "false"',
    });
  }
  return reasons;
}
