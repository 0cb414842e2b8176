import { applyPatch } from './apply-patch.ts';
import { defaultValues } from './default-values.ts';
import type { EnvVar } from './env-var.ts';
import { inject } from './inject.ts';
import type { InjectInput, InjectResult } from './inject-result.ts';
import { type DeepPartial, mergeValues } from './merge-values.ts';
import type { InjectorValues } from './values.ts';
import type { Container, PodSpec, Workload } from './workload.ts';

export const TRUST_ANCHORS = '-----BEGIN CERTIFICATE-----\nanchor\n-----END CERTIFICATE-----\n';

export function values(overrides: DeepPartial<InjectorValues> = {}): InjectorValues {
  const installed = { linkerdVersion: 'v1', identityTrustAnchorsPEM: TRUST_ANCHORS };
  return mergeValues(mergeValues(defaultValues, installed), overrides);
}

export interface PodParts {
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  spec?: Partial<PodSpec>;
  container?: Container;
}

/** A pod of one container, not annotated at all. */
export function pod({ annotations, labels, spec = {}, container = {} }: PodParts = {}): Workload {
  return {
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      ...(annotations && { annotations }),
      ...(labels && { labels }),
    },
    spec: { containers: [{ name: 'app', image: 'app:1', ...container }], ...spec },
  };
}

export interface RequestParts {
  workload?: Workload;
  namespace?: Record<string, string>;
  values?: DeepPartial<InjectorValues>;
  owner?: InjectInput['owner'];
  origin?: InjectInput['origin'];
}

/** Asks for a workload of a namespace that wants injection. */
export function request(parts: RequestParts = {}): InjectResult {
  return inject({
    workload: parts.workload ?? pod(),
    namespace: { name: 'shop', annotations: { 'linkerd.io/inject': 'enabled', ...parts.namespace } },
    owner: parts.owner,
    values: values(parts.values),
    origin: parts.origin ?? 'webhook',
  });
}

type Rendered = Container & {
  env?: EnvVar[];
  args?: string[];
  imagePullPolicy?: string;
  resources?: unknown;
  lifecycle?: unknown;
  restartPolicy?: string;
  startupProbe?: unknown;
  command?: string[];
};

export interface RenderedPod {
  metadata: { annotations: Record<string, string>; labels: Record<string, string> };
  spec: { containers: Rendered[]; initContainers: Rendered[]; volumes: { name: string }[] };
}

/** The pod after its patch, the parts of interest at hand. */
export function injectedPod(parts: RequestParts = {}) {
  const workload = parts.workload ?? pod();
  const result = request({ ...parts, workload });
  if (result.kind !== 'injected') throw new Error(`not injected: ${JSON.stringify(result)}`);
  const object = applyPatch(workload, result.patch) as unknown as RenderedPod;
  const named = (name: string) =>
    [...object.spec.initContainers, ...object.spec.containers].find((container) => container.name === name);
  const proxy = named('linkerd-proxy')!;
  const env = new Map((proxy.env ?? []).map(({ name, value }) => [name, value]));
  return {
    object,
    patch: result.patch,
    warnings: result.warnings,
    proxy,
    init: named('linkerd-init'),
    named,
    /** The value of a variable named without its prefix. */
    env: (name: string) => env.get(`LINKERD2_PROXY_${name}`),
  };
}
