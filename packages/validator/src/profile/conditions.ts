import { z } from 'zod';

/** Conditions nest; deeper than this they are refused, so that nobody's stack ends here or in a proxy. */
const DEPTH = 16;

/** A condition: at least one field, and `all`, `any` and `not` hold conditions again. */
function conditionOf(leaf: z.ZodRawShape, depth = DEPTH): z.ZodType {
  const error = 'must be a condition with at least one field';
  if (depth === 0) return z.never({ error: `is nested deeper than ${DEPTH} levels` });
  const inner = z.lazy(() => conditionOf(leaf, depth - 1));
  const list = z.array(inner).min(1, 'must have at least one condition');
  return z
    .strictObject(
      { ...leaf, all: list.optional(), any: list.optional(), not: inner.optional() },
      { error: (issue) => (issue.code === 'invalid_type' ? error : undefined) },
    )
    .refine((condition) => Object.values(condition).some((field) => field !== undefined), error);
}

export const requestCondition = conditionOf({
  pathRegex: z.string().optional(),
  method: z.string().optional(),
});

const statusCode = z.int().min(100, 'must be from 100 to 599').max(599, 'must be from 100 to 599');

export const responseCondition = conditionOf({
  status: z
    .strictObject({ min: statusCode.optional(), max: statusCode.optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, 'must have one of min and max')
    .refine(({ min, max }) => min === undefined || max === undefined || max >= min, {
      error: 'must not be below min',
      path: ['max'],
    })
    .optional(),
});
