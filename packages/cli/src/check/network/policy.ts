import { type Json, type JsonObject, listAt, memberAt, textAt } from '../../manifest/json.ts';

export type Direction = 'Ingress' | 'Egress';

/** One rule of a policy: to or from these peers, on these ports. */
export interface PolicyRule {
  /** Undefined: everybody. */
  readonly peers: readonly JsonObject[] | undefined;
  /** Undefined: every port. */
  readonly ports: readonly JsonObject[] | undefined;
}

/** A network policy as Kubernetes applies it. */
export interface NetworkPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly podSelector: JsonObject;
  readonly directions: readonly Direction[];
  /** Whether its author left policyTypes out; undefined where nothing tells. */
  readonly omitsTypes: boolean | undefined;
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function policyOf(object: JsonObject): NetworkPolicy {
  const egress = rulesOf(listAt(object, 'spec', 'egress'), 'to');
  return {
    namespace: textAt(object, 'metadata', 'namespace'),
    name: textAt(object, 'metadata', 'name'),
    podSelector: (memberAt(object, 'spec', 'podSelector') ?? {}) as JsonObject,
    directions: directionsOf(object, egress.length > 0),
    omitsTypes: omitsTypes(object),
    ingress: rulesOf(listAt(object, 'spec', 'ingress'), 'from'),
    egress,
  };
}

export function rulesIn(policy: NetworkPolicy, direction: Direction): readonly PolicyRule[] {
  return direction === 'Ingress' ? policy.ingress : policy.egress;
}

/** Where policyTypes is left out, a policy applies to ingress in any case, and to egress if it has such rules. */
function directionsOf(object: JsonObject, hasEgress: boolean): Direction[] {
  const types = listAt(object, 'spec', 'policyTypes') as Direction[];
  if (types.length > 0) return [...types];
  return hasEgress ? ['Ingress', 'Egress'] : ['Ingress'];
}

/**
 * The API server fills policyTypes in before it stores a policy, so what was left out shows only in what kubectl
 * remembers of what it applied.
 */
function omitsTypes(object: JsonObject): boolean | undefined {
  if (listAt(object, 'spec', 'policyTypes').length === 0) return true;
  const applied = textAt(object, 'metadata', 'annotations', LAST_APPLIED);
  if (applied === '') return undefined;
  try {
    return listAt(JSON.parse(applied) as Json, 'spec', 'policyTypes').length === 0;
  } catch {
    return undefined;
  }
}

function rulesOf(rules: readonly Json[], peers: 'from' | 'to'): PolicyRule[] {
  return rules.map((rule) => ({
    peers: nonEmpty(listAt(rule, peers)),
    ports: nonEmpty(listAt(rule, 'ports')),
  }));
}

function nonEmpty(items: readonly Json[]): readonly JsonObject[] | undefined {
  return items.length === 0 ? undefined : (items as JsonObject[]);
}
