/** What a port allows when nothing says otherwise. */
export const defaultPolicies = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
] as const;

export type DefaultPolicy = (typeof defaultPolicies)[number];

export function parseDefaultPolicy(text: string | undefined): DefaultPolicy | undefined {
  return defaultPolicies.find((policy) => policy === text);
}

/** The same policy for a port that demands an identity of its clients. */
export function requireIdentity(policy: DefaultPolicy): DefaultPolicy {
  switch (policy) {
    case 'all-unauthenticated':
      return 'all-authenticated';
    case 'cluster-unauthenticated':
      return 'cluster-authenticated';
    default:
      return policy;
  }
}
