import { z } from 'zod';
import type { Known } from './known.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { resourceSchema } from './metadata.ts';
import { podTemplateSchema } from './pod.ts';

const replicasSchema = z.int().min(0);

const replicatedSpec = {
  replicas: replicasSchema.default(1),
  selector: labelSelectorSchema.optional(),
  template: podTemplateSchema,
};

export const deploymentSchema = resourceSchema('Deployment', { spec: z.looseObject(replicatedSpec) });

export const replicaSetSchema = resourceSchema('ReplicaSet', {
  spec: z.looseObject({ ...replicatedSpec, template: podTemplateSchema.optional() }),
});

export const statefulSetSchema = resourceSchema('StatefulSet', {
  spec: z.looseObject({ ...replicatedSpec, serviceName: z.string().default('') }),
});

export const daemonSetSchema = resourceSchema('DaemonSet', {
  spec: z.looseObject({ selector: labelSelectorSchema.optional(), template: podTemplateSchema }),
});

const jobSpecSchema = z.looseObject({
  completions: z.int().min(0).optional(),
  parallelism: z.int().min(0).optional(),
  backoffLimit: z.int().min(0).optional(),
  template: podTemplateSchema,
});

export const jobSchema = resourceSchema('Job', { spec: jobSpecSchema });

export const cronJobSchema = resourceSchema('CronJob', {
  spec: z.looseObject({
    schedule: z.string(),
    suspend: z.boolean().optional(),
    concurrencyPolicy: z.enum(['Allow', 'Forbid', 'Replace']).optional(),
    jobTemplate: z.looseObject({ spec: jobSpecSchema }),
  }),
});

export type Deployment = Known<z.output<typeof deploymentSchema>>;
export type ReplicaSet = Known<z.output<typeof replicaSetSchema>>;
export type StatefulSet = Known<z.output<typeof statefulSetSchema>>;
export type DaemonSet = Known<z.output<typeof daemonSetSchema>>;
export type Job = Known<z.output<typeof jobSchema>>;
export type CronJob = Known<z.output<typeof cronJobSchema>>;
