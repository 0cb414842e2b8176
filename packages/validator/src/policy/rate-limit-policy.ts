import { z } from 'zod';
import { isServiceAccount, referenceSchema, refersTo } from './reference.ts';

const limit = z.int({ error: 'must be a whole number' }).min(1, 'must be at least 1');

const overrideSchema = z.looseObject({
  requestsPerSecond: limit,
  clientRefs: z.array(referenceSchema.refine(isServiceAccount, 'must be a ServiceAccount')),
});

export const rateLimitPolicySpec = z
  .looseObject({
    targetRef: referenceSchema.refine(
      (target) => refersTo(target, 'policy.linkerd.io', 'Server'),
      'must be a Server of policy.linkerd.io',
    ),
    total: z.looseObject({ requestsPerSecond: limit }).optional(),
    identity: z.looseObject({ requestsPerSecond: limit }).optional(),
    overrides: z.array(overrideSchema).optional(),
  })
  .superRefine(({ total, identity, overrides = [] }, { addIssue }) => {
    if (total === undefined) return;
    const most = total.requestsPerSecond;
    const atMostTotal = (path: (string | number)[], rate: number | undefined) => {
      if (rate === undefined || rate <= most) return;
      addIssue({ code: 'custom', path, message: `must be at most the total of ${most}` });
    };
    atMostTotal(['identity', 'requestsPerSecond'], identity?.requestsPerSecond);
    for (const [index, override] of overrides.entries())
      atMostTotal(['overrides', index, 'requestsPerSecond'], override.requestsPerSecond);
  });
