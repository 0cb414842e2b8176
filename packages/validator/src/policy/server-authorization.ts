import { z } from 'zod';
import { identitySchema } from './mesh-tls-authentication.ts';
import { networkSchema } from './networks.ts';

const meshTlsSchema = z
  .looseObject({
    unauthenticatedTLS: z.boolean().optional(),
    identities: z.array(identitySchema).optional(),
    serviceAccounts: z
      .array(z.looseObject({ name: z.string(), namespace: z.string().optional() }))
      .optional(),
  })
  .refine(
    ({ unauthenticatedTLS, identities = [], serviceAccounts = [] }) =>
      unauthenticatedTLS !== true || identities.length + serviceAccounts.length === 0,
    {
      error: 'must not be true together with identities or serviceAccounts',
      path: ['unauthenticatedTLS'],
    },
  );

export const serverAuthorizationSpec = z.looseObject({
  server: z
    .looseObject({ name: z.string().optional(), selector: z.looseObject({}).optional() })
    .refine(
      ({ name, selector }) => (name === undefined) !== (selector === undefined),
      'must have one of name and selector',
    ),
  client: z
    .looseObject({
      networks: z.array(networkSchema).optional(),
      unauthenticated: z.boolean().optional(),
      meshTLS: meshTlsSchema.optional(),
    })
    .refine(({ unauthenticated, meshTLS }) => unauthenticated !== true || meshTLS === undefined, {
      error: 'must not be true together with meshTLS',
      path: ['unauthenticated'],
    }),
});
