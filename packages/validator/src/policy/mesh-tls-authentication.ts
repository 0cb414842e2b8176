import { z } from 'zod';
import { identityProblem } from './identity-name.ts';
import { isNamespace, isServiceAccount, referenceSchema } from './reference.ts';

export const identitySchema = z.string().superRefine((text, { addIssue }) => {
  const message = identityProblem(text);
  if (message !== undefined) addIssue({ code: 'custom', message });
});

const identityRefSchema = referenceSchema
  .extend({ name: z.string().optional() })
  .refine((reference) => {
    const named = { ...reference, name: reference.name ?? '' };
    return isServiceAccount(named) || isNamespace(named);
  }, 'must be a ServiceAccount or a Namespace')
  .refine(
    (reference) =>
      !isNamespace({ ...reference, name: reference.name ?? '' }) || reference.namespace === undefined,
    { error: 'must be absent: a Namespace is in none', path: ['namespace'] },
  );

export const meshTlsAuthenticationSpec = z
  .looseObject({
    identities: z.array(identitySchema).min(1, 'must have at least one item').optional(),
    identityRefs: z.array(identityRefSchema).min(1, 'must have at least one item').optional(),
  })
  .refine(
    ({ identities, identityRefs }) => (identities === undefined) !== (identityRefs === undefined),
    'must have one of identities and identityRefs',
  );
