import { z } from 'zod';
import type { Known } from './known.ts';
import { intOrStringSchema, labelsSchema, portSchema, resourceSchema } from './metadata.ts';

const servicePortSchema = z.looseObject({
  name: z.string().default(''),
  port: portSchema,
  targetPort: intOrStringSchema.optional(),
  nodePort: z.int().optional(),
  protocol: z.string().default('TCP'),
  appProtocol: z.string().optional(),
});

export const serviceSchema = resourceSchema('Service', {
  spec: z
    .looseObject({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).default('ClusterIP'),
      selector: labelsSchema.optional(),
      ports: z.array(servicePortSchema).default([]),
      /** An address, `None` for a headless service, or empty when none was given yet. */
      clusterIP: z.string().default(''),
      clusterIPs: z.array(z.string()).default([]),
      externalName: z.string().optional(),
      internalTrafficPolicy: z.enum(['Cluster', 'Local']).optional(),
      publishNotReadyAddresses: z.boolean().optional(),
    })
    .prefault({}),
});

export type Service = Known<z.output<typeof serviceSchema>>;
export type ServicePort = Service['spec']['ports'][number];

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** The cluster addresses of a service; none for a headless or external one. */
export function clusterIps({ spec }: Service): readonly string[] {
  const all = spec.clusterIPs.length > 0 ? spec.clusterIPs : [spec.clusterIP];
  return all.filter((ip) => ip !== '' && ip !== 'None');
}
