import { z } from 'zod';
import type { Known } from './known.ts';
import { labelsSchema } from './metadata.ts';

export const labelSelectorSchema = z.looseObject({
  matchLabels: labelsSchema.optional(),
  matchExpressions: z
    .array(
      z.looseObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

export type LabelSelector = Known<z.output<typeof labelSelectorSchema>>;
type Expression = NonNullable<LabelSelector['matchExpressions']>[number];
type Labels = Readonly<Record<string, string>>;

/** Whether the labels hold every pair. No pairs hold for everything. */
export function hasLabels(pairs: Labels, labels: Labels): boolean {
  for (const key in pairs) if (labels[key] !== pairs[key]) return false;
  return true;
}

function holds({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return values.length > 0 && (value === undefined || !values.includes(value));
    case 'Exists':
      return values.length === 0 && value !== undefined;
    case 'DoesNotExist':
      return values.length === 0 && value === undefined;
  }
}

/**
 * Whether a selector picks an object with these labels: all pairs and all expressions must hold, an empty
 * selector picks everything and an absent one nothing. `In` and `NotIn` without values, and `Exists` and
 * `DoesNotExist` with some, are malformed and pick nothing.
 */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  if (selector.matchLabels !== undefined && !hasLabels(selector.matchLabels, labels)) return false;
  return selector.matchExpressions?.every((expression) => holds(expression, labels)) ?? true;
}
