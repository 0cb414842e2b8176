import { z } from 'zod';
import type { Known } from './known.ts';

export const labelsSchema = z.record(z.string(), z.string());

export const ownerReferenceSchema = z.looseObject({
  apiVersion: z.string().default(''),
  kind: z.string(),
  name: z.string(),
  uid: z.string().default(''),
  controller: z.boolean().optional(),
});

/** A name usable in a path and a DNS name; slashes and blanks would make two objects look like one. */
const nameSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.:]*[A-Za-z0-9])?$/, 'is not a valid Kubernetes name');

const namespaceSchema = z
  .string()
  .max(63)
  .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/, 'is not a valid namespace name');

export const objectMetaSchema = z.looseObject({
  name: nameSchema,
  /** Empty for cluster-scoped kinds. */
  namespace: namespaceSchema.default(''),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  /** RFC 3339. */
  creationTimestamp: z.string().default(''),
  deletionTimestamp: z.string().optional(),
  labels: labelsSchema.default({}),
  annotations: labelsSchema.default({}),
  ownerReferences: z.array(ownerReferenceSchema).default([]),
});

/** Metadata of a pod template, which has no name of its own. */
export const templateMetaSchema = z.looseObject({
  labels: labelsSchema.default({}),
  annotations: labelsSchema.default({}),
});

export type ObjectMeta = Known<z.output<typeof objectMetaSchema>>;
export type OwnerReference = Known<z.output<typeof ownerReferenceSchema>>;

/** What every resource has: who it is, and fields that only its own kind explains. */
export const resourceSchema = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.looseObject({ apiVersion: z.string(), kind: z.literal(kind), metadata: objectMetaSchema, ...shape });

export const intOrStringSchema = z.union([z.int(), z.string()]);

/** A TCP or UDP port. */
export const portSchema = z.int().min(1).max(65535);
