import type { AdmissionDecision, AdmissionRequest } from '@weft/admission';
import { admit } from './admit.ts';

export interface ObjectParts {
  readonly kind: string;
  readonly group?: string;
  readonly name?: string;
  readonly spec?: unknown;
  readonly operation?: string;
  readonly oldSpec?: unknown;
}

/** Asks for an object of the namespace `shop`. */
export function ask(parts: ObjectParts): AdmissionDecision {
  const { kind, group = 'policy.linkerd.io', name = 'web', spec, operation = 'CREATE', oldSpec } = parts;
  const metadata = { name, namespace: 'shop' };
  const request: AdmissionRequest = {
    uid: 'u1',
    kind: { group, version: 'v1alpha1', kind },
    ...{ name, namespace: 'shop', operation, dryRun: false },
    object: { metadata, spec },
    oldObject: operation === 'UPDATE' ? { metadata, spec: oldSpec } : null,
  };
  return admit(request);
}

/** Why an object is refused; empty where it is not. */
export function refusal(kind: string, spec: unknown, parts: Partial<ObjectParts> = {}): string {
  const decision = ask({ kind, spec, ...parts });
  return decision.kind === 'denied' ? decision.message : '';
}
