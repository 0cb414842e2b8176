import { z } from 'zod';
import type { Known } from './known.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { intOrStringSchema, resourceSchema } from './metadata.ts';

export const proxyProtocols = ['unknown', 'HTTP/1', 'HTTP/2', 'gRPC', 'opaque', 'TLS'] as const;

const targetRefSchema = z.looseObject({
  group: z.string().default(''),
  kind: z.string(),
  name: z.string().default(''),
  namespace: z.string().optional(),
});

export const serverSchema = resourceSchema('Server', {
  spec: z.looseObject({
    podSelector: labelSelectorSchema.optional(),
    externalWorkloadSelector: labelSelectorSchema.optional(),
    port: intOrStringSchema,
    proxyProtocol: z.enum(proxyProtocols).default('unknown'),
    /** Any text: one that names no policy is ignored, as by a cluster. */
    accessPolicy: z.string().default('deny'),
  }),
});

export const authorizationPolicySchema = resourceSchema('AuthorizationPolicy', {
  spec: z.looseObject({
    targetRef: targetRefSchema,
    requiredAuthenticationRefs: z.array(targetRefSchema),
  }),
});

export const meshTlsAuthenticationSchema = resourceSchema('MeshTLSAuthentication', {
  spec: z
    .looseObject({
      identities: z.array(z.string().min(1)).default([]),
      identityRefs: z.array(targetRefSchema).default([]),
    })
    .refine(({ identities, identityRefs }) => identities.length + identityRefs.length > 0, {
      error: 'needs at least one of identities and identityRefs',
    }),
});

const networkSchema = z.looseObject({
  cidr: z.string().min(1),
  except: z.array(z.string().min(1)).default([]),
});

export const networkAuthenticationSchema = resourceSchema('NetworkAuthentication', {
  spec: z.looseObject({ networks: z.array(networkSchema).min(1) }),
});

export const serverAuthorizationSchema = resourceSchema('ServerAuthorization', {
  spec: z.looseObject({
    server: z.looseObject({ name: z.string().optional(), selector: labelSelectorSchema.optional() }),
    client: z.looseObject({
      networks: z.array(networkSchema).default([]),
      unauthenticated: z.boolean().default(false),
      meshTLS: z
        .looseObject({
          unauthenticatedTLS: z.boolean().default(false),
          identities: z.array(z.string()).default([]),
          serviceAccounts: z
            .array(z.looseObject({ name: z.string(), namespace: z.string().optional() }))
            .default([]),
        })
        .optional(),
    }),
  }),
});

const limitSchema = z.looseObject({ requestsPerSecond: z.int().min(0) });

export const httpLocalRateLimitPolicySchema = resourceSchema('HTTPLocalRateLimitPolicy', {
  spec: z.looseObject({
    targetRef: targetRefSchema,
    total: limitSchema.optional(),
    identity: limitSchema.optional(),
    overrides: z
      .array(z.looseObject({ ...limitSchema.shape, clientRefs: z.array(targetRefSchema) }))
      .default([]),
  }),
});

export type Server = Known<z.output<typeof serverSchema>>;
export type AuthorizationPolicy = Known<z.output<typeof authorizationPolicySchema>>;
export type MeshTlsAuthentication = Known<z.output<typeof meshTlsAuthenticationSchema>>;
export type NetworkAuthentication = Known<z.output<typeof networkAuthenticationSchema>>;
export type ServerAuthorization = Known<z.output<typeof serverAuthorizationSchema>>;
export type HttpLocalRateLimitPolicy = Known<z.output<typeof httpLocalRateLimitPolicySchema>>;
export type PolicyTargetRef = Known<z.output<typeof targetRefSchema>>;
export type PolicyNetwork = Known<z.output<typeof networkSchema>>;
