import { z } from 'zod';
import type { Known } from './known.ts';
import { resourceSchema } from './metadata.ts';

/** The label that ties a slice to its service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

const endpointSchema = z.looseObject({
  addresses: z.array(z.string()).default([]),
  conditions: z
    .looseObject({
      ready: z.boolean().optional(),
      serving: z.boolean().optional(),
      terminating: z.boolean().optional(),
    })
    .prefault({}),
  hostname: z.string().optional(),
  nodeName: z.string().optional(),
  zone: z.string().optional(),
  targetRef: z
    .looseObject({ kind: z.string(), namespace: z.string().default(''), name: z.string() })
    .optional(),
  hints: z.looseObject({ forZones: z.array(z.looseObject({ name: z.string() })).default([]) }).optional(),
});

export const endpointSliceSchema = resourceSchema('EndpointSlice', {
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']).default('IPv4'),
  endpoints: z.array(endpointSchema).default([]),
  ports: z
    .array(
      z.looseObject({
        name: z.string().default(''),
        port: z.int().min(1).max(65535).optional(),
        protocol: z.string().default('TCP'),
        appProtocol: z.string().optional(),
      }),
    )
    .default([]),
});

export type EndpointSlice = Known<z.output<typeof endpointSliceSchema>>;
export type SliceEndpoint = EndpointSlice['endpoints'][number];

export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';

/** Who writes slices from what pods say of themselves; what others write is what they mean. */
export const sliceControllers = { kubernetes: 'endpointslice-controller.k8s.io', weft: 'weft' } as const;

export function isDerivedFromPods({ metadata }: EndpointSlice): boolean {
  const manager = metadata.labels[MANAGED_BY_LABEL];
  return Object.values<unknown>(sliceControllers).includes(manager);
}

/** The name of the service a slice belongs to: its label, else its first owner of that kind. */
export function serviceNameOf({ metadata }: EndpointSlice): string | undefined {
  return (
    metadata.labels[SERVICE_NAME_LABEL] ??
    metadata.ownerReferences.find(({ kind }) => kind === 'Service')?.name
  );
}
