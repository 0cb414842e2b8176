import { z } from 'zod';
import type { Known } from './known.ts';
import { intOrStringSchema, resourceSchema } from './metadata.ts';

/** The fields of one condition are alternatives that must all hold; conditions nest. */
export interface ProfileRequestMatch {
  readonly all?: readonly ProfileRequestMatch[] | undefined;
  readonly any?: readonly ProfileRequestMatch[] | undefined;
  readonly not?: ProfileRequestMatch | undefined;
  readonly pathRegex?: string | undefined;
  readonly method?: string | undefined;
}

export interface ProfileResponseMatch {
  readonly all?: readonly ProfileResponseMatch[] | undefined;
  readonly any?: readonly ProfileResponseMatch[] | undefined;
  readonly not?: ProfileResponseMatch | undefined;
  readonly status?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
}

const requestMatchSchema: z.ZodType<ProfileRequestMatch> = z.lazy(() =>
  z.looseObject({
    all: z.array(requestMatchSchema).optional(),
    any: z.array(requestMatchSchema).optional(),
    not: requestMatchSchema.optional(),
    pathRegex: z.string().optional(),
    method: z.string().optional(),
  }),
);

const responseMatchSchema: z.ZodType<ProfileResponseMatch> = z.lazy(() =>
  z.looseObject({
    all: z.array(responseMatchSchema).optional(),
    any: z.array(responseMatchSchema).optional(),
    not: responseMatchSchema.optional(),
    status: z.looseObject({ min: z.int().optional(), max: z.int().optional() }).optional(),
  }),
);

const routeSchema = z.looseObject({
  name: z.string(),
  condition: requestMatchSchema,
  responseClasses: z
    .array(z.looseObject({ condition: responseMatchSchema, isFailure: z.boolean().default(false) }))
    .default([]),
  isRetryable: z.boolean().default(false),
  timeout: z.string().optional(),
});

export const serviceProfileSchema = resourceSchema('ServiceProfile', {
  spec: z
    .looseObject({
      routes: z.array(routeSchema).default([]),
      retryBudget: z
        .looseObject({
          retryRatio: z.number().min(0),
          minRetriesPerSecond: z.int().min(0),
          ttl: z.string(),
        })
        .optional(),
      dstOverrides: z
        .array(z.looseObject({ authority: z.string(), weight: intOrStringSchema.or(z.number()) }))
        .default([]),
    })
    .prefault({}),
});

export type ServiceProfile = Known<z.output<typeof serviceProfileSchema>>;
export type ProfileRoute = ServiceProfile['spec']['routes'][number];
