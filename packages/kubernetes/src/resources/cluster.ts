import type { z } from 'zod';
import type { Known } from './known.ts';
import { resourceSchema } from './metadata.ts';

/** The label that says in which zone a node stands. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

export const namespaceSchema = resourceSchema('Namespace', {});
export const nodeSchema = resourceSchema('Node', {});
export const serviceAccountSchema = resourceSchema('ServiceAccount', {});

export type Namespace = Known<z.output<typeof namespaceSchema>>;
export type Node = Known<z.output<typeof nodeSchema>>;
export type ServiceAccount = Known<z.output<typeof serviceAccountSchema>>;
