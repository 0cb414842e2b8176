import { z } from 'zod';
import { requestCondition, responseCondition } from './conditions.ts';

const MISSING = 'must be given';

/** Durations as Go writes them. */
const duration = z
  .string()
  .regex(
    /^(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|ms|s|m|h))*)$/,
    {
      error: 'must be a duration such as 500ms, 10s or 1m30s',
    },
  );

const isWeight = (weight: unknown) =>
  typeof weight === 'string'
    ? /^[0-9]+(\.[0-9]+)?[mkM]?$/.test(weight)
    : typeof weight === 'number' && weight >= 0;

const routeSchema = z.strictObject({
  name: z.string({ error: MISSING }).min(1, MISSING),
  condition: requestCondition,
  responseClasses: z
    .array(z.strictObject({ condition: responseCondition, isFailure: z.boolean().optional() }))
    .optional(),
  isRetryable: z.boolean().optional(),
  timeout: duration.or(z.literal('')).optional(),
});

const specSchema = z.strictObject({
  routes: z.array(routeSchema).optional(),
  retryBudget: z
    .strictObject({
      retryRatio: z.number().min(0, 'must not be negative').optional(),
      minRetriesPerSecond: z
        .int({ error: 'must be a whole number' })
        .min(0, 'must not be negative')
        .max(2 ** 32 - 1, 'must fit 32 bits')
        .optional(),
      ttl: duration,
    })
    .optional(),
  dstOverrides: z
    .array(
      z.strictObject({
        authority: z.string({ error: MISSING }).min(1, MISSING),
        weight: z.unknown().refine(isWeight, 'must be a quantity that is not negative, such as 1 or 500m'),
      }),
    )
    .optional(),
  opaquePorts: z.array(z.string()).optional(),
});

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A ServiceProfile is strict: a misspelt field would silently change what proxies do. */
export const serviceProfile = z.looseObject({
  metadata: z.looseObject({
    name: z.string().max(253).regex(DNS_SUBDOMAIN, {
      error: 'must be the full name of a service, such as web.shop.svc.cluster.local',
    }),
  }),
  spec: specSchema.optional(),
});
