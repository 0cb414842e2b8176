import { z } from 'zod';
import type { Known } from './known.ts';
import { intOrStringSchema, portSchema, resourceSchema, templateMetaSchema } from './metadata.ts';

const probeSchema = z.looseObject({
  httpGet: z.looseObject({ path: z.string().optional(), port: intOrStringSchema }).optional(),
});

const containerSchema = z.looseObject({
  name: z.string().min(1),
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  ports: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        containerPort: portSchema,
        hostPort: z.int().min(0).max(65535).optional(),
        protocol: z.string().default('TCP'),
      }),
    )
    .default([]),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
  startupProbe: probeSchema.optional(),
});

export const podSpecSchema = z.looseObject({
  containers: z.array(containerSchema).default([]),
  initContainers: z.array(containerSchema).default([]),
  nodeName: z.string().optional(),
  hostNetwork: z.boolean().optional(),
  hostname: z.string().optional(),
  subdomain: z.string().optional(),
  serviceAccountName: z.string().optional(),
  serviceAccount: z.string().optional(),
  readinessGates: z.array(z.looseObject({})).optional(),
});

const ipListSchema = z.array(z.looseObject({ ip: z.string() })).default([]);

const podStatusSchema = z.looseObject({
  phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).optional(),
  podIP: z.string().optional(),
  podIPs: ipListSchema,
  hostIP: z.string().optional(),
  hostIPs: ipListSchema,
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
});

export const podTemplateSchema = z.looseObject({
  metadata: templateMetaSchema.prefault({}),
  spec: podSpecSchema,
});

export const podSchema = resourceSchema('Pod', {
  spec: podSpecSchema.prefault({}),
  status: podStatusSchema.prefault({}),
});

export type Pod = Known<z.output<typeof podSchema>>;
export type PodSpec = Known<z.output<typeof podSpecSchema>>;
export type Container = Known<z.output<typeof containerSchema>>;
export type PodTemplate = Known<z.output<typeof podTemplateSchema>>;

/** All addresses of a pod, the primary one first; none while it has no sandbox yet. */
export function podIps({ status }: Pod): readonly string[] {
  if (status.podIPs.length > 0) return status.podIPs.map(({ ip }) => ip);
  return status.podIP ? [status.podIP] : [];
}

/** All addresses of the node a pod runs on. */
export function hostIps({ status }: Pod): readonly string[] {
  if (status.hostIPs.length > 0) return status.hostIPs.map(({ ip }) => ip);
  return status.hostIP ? [status.hostIP] : [];
}

/** Init containers first, as native sidecars live there. */
export function allContainers({ spec }: Pod): readonly Container[] {
  return spec.initContainers.length === 0 ? spec.containers : [...spec.initContainers, ...spec.containers];
}

/** A manifest by hand may name an address and no phase: such a pod runs. */
export function isRunning(pod: Pod): boolean {
  return pod.status.phase === undefined ? podIps(pod).length > 0 : pod.status.phase === 'Running';
}

/** Whether the pod will never serve again. */
export function isFinished({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

/** A kubelet always writes the condition; in a manifest without it, a running pod counts as ready. */
export function isReady(pod: Pod): boolean {
  const condition = pod.status.conditions.find(({ type }) => type === 'Ready');
  return condition === undefined ? isRunning(pod) : condition.status === 'True';
}

/**
 * Whether a pod serves, for all that its kubelet has said last. That of a pod that only the silence of its node makes
 * unready stands in the condition of its containers. A readiness gate that is not met looks the same, so pods with
 * gates are taken at their word.
 */
export function servesByItsKubelet(pod: Pod): boolean {
  if (isReady(pod)) return true;
  const containers = pod.status.conditions.find(({ type }) => type === 'ContainersReady');
  const hasGates = (pod.spec.readinessGates?.length ?? 0) > 0;
  return containers?.status === 'True' && !hasGates && isRunning(pod);
}

export function serviceAccountOf({ spec }: Pod): string {
  return spec.serviceAccountName || spec.serviceAccount || 'default';
}
