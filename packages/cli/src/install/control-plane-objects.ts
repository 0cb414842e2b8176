import type { GlobalFlags } from '../cluster/flags.ts';
import { renderChart } from '../helm/render-chart.ts';
import { type JsonObject, memberAt } from '../manifest/json.ts';
import { renderYaml } from '../manifest/yaml.ts';

/** Secret with the values that differ from the chart's, so that an upgrade begins with them. */
export const OVERRIDES_SECRET = 'linkerd-config-overrides';

export interface ControlPlaneOptions {
  readonly namespace: string;
  /** All that differs from the chart's defaults, certificates included. */
  readonly values: JsonObject;
  readonly kubeVersion: string;
  readonly lookIn: GlobalFlags | undefined;
  readonly signal: AbortSignal;
}

/** Everything that a control plane consists of, its namespace first. */
export async function controlPlaneObjects(options: ControlPlaneOptions): Promise<JsonObject[]> {
  const { namespace, values } = options;
  const rendered = await renderChart({ chart: 'weft-control-plane', ...options });
  return [namespaceObject(namespace), ...rendered, overridesSecret(namespace, values)];
}

function namespaceObject(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      annotations: { 'linkerd.io/inject': 'disabled' },
      labels: {
        'config.linkerd.io/admission-webhooks': 'disabled',
        'linkerd.io/control-plane-ns': name,
        'linkerd.io/is-control-plane': 'true',
        // The control plane has no sidecars, and needs no privilege.
        'pod-security.kubernetes.io/enforce': 'restricted',
      },
    },
  };
}

function overridesSecret(namespace: string, values: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: OVERRIDES_SECRET,
      namespace,
      labels: { 'linkerd.io/control-plane-ns': namespace },
    },
    data: { [OVERRIDES_SECRET]: Buffer.from(renderYaml(values)).toString('base64') },
  };
}

/** The Secret that keeps a trust anchor and its key in the cluster, in the form that cert-manager knows. */
export function anchorSecret(
  namespace: string,
  { certificatePem, keyPem }: { readonly certificatePem: string; readonly keyPem: string },
): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'linkerd-trust-anchor',
      namespace,
      labels: { 'linkerd.io/control-plane-ns': namespace },
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': Buffer.from(certificatePem).toString('base64'),
      'tls.key': Buffer.from(keyPem).toString('base64'),
    },
  };
}

/** Whether values say that pods are injected without being annotated. */
export function injectsByDefault(values: JsonObject): boolean {
  return memberAt(values, 'proxyInjector', 'injectByDefault', 'enabled') === true;
}
