import { z } from 'zod';

/** A reference to another object. Groups and kinds are compared in lower case, as Kubernetes resolves them. */
export const referenceSchema = z.looseObject({
  group: z.string().optional(),
  kind: z.string({ error: 'must be the kind of the object that is meant' }),
  name: z.string({ error: 'must be the name of the object that is meant' }),
  namespace: z.string().optional(),
});

export type Reference = z.output<typeof referenceSchema>;

/** Whether a reference is to a kind; `core` is another name of the core group. */
export function refersTo({ group = '', kind }: Reference, wantedGroup: string, wantedKind: string): boolean {
  const own = group.toLowerCase() === 'core' ? '' : group.toLowerCase();
  return own === wantedGroup && kind.toLowerCase() === wantedKind.toLowerCase();
}

export const isServiceAccount = (reference: Reference) => refersTo(reference, '', 'ServiceAccount');
export const isNamespace = (reference: Reference) => refersTo(reference, '', 'Namespace');
