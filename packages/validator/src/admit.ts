import { isDeepStrictEqual } from 'node:util';
import type { AdmissionDecision, AdmissionRequest } from '@weft/admission';
import { validate } from './validate.ts';

/** More than this many problems help nobody at once. */
const SHOWN = 8;

const BAD_REQUEST = 400;

const partOf = (object: unknown, field: string): unknown =>
  (object as Record<string, unknown> | null)?.[field];

/**
 * An object that was let in before, whatever is thought of it today, may still be labelled, and deleted by
 * whoever takes off its finalizers.
 */
function saysTheSame({ operation, object, oldObject }: AdmissionRequest): boolean {
  return operation === 'UPDATE' && isDeepStrictEqual(partOf(object, 'spec'), partOf(oldObject, 'spec'));
}

/** The webhook's decision: allowed, or denied with every field that is wrong, its value and what it must be. */
export function admit(request: AdmissionRequest): AdmissionDecision {
  if (saysTheSame(request)) return { kind: 'allowed' };
  const { group, kind } = request.kind;
  const result = validate({ group, kind, namespace: request.namespace }, request.object);
  switch (result.type) {
    case 'valid':
      return { kind: 'allowed' };
    case 'unknown_kind':
      return {
        kind: 'denied',
        message: `${kind} of group "${group}" is not validated here`,
        code: BAD_REQUEST,
      };
    case 'invalid': {
      const messages = result.problems.slice(0, SHOWN).map(({ message }) => message);
      const more = result.problems.length - messages.length;
      const message = [...messages, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
      return { kind: 'denied', message, code: BAD_REQUEST };
    }
  }
}
