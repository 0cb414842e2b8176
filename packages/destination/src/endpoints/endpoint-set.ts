import type { EndpointFacts } from './facts.ts';

/** One endpoint of a set, encoded. */
export interface EncodedEndpoint {
  readonly ip: string;
  readonly port: number;
  /** Equal for equal facts. */
  readonly fingerprint: string;
  /** A `WeightedAddr`. */
  readonly bytes: Uint8Array;
}

/** All endpoints a client has at one moment. Immutable; unchanged endpoints are shared with the set before. */
export interface EndpointSet {
  readonly exists: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** By address. */
  readonly endpoints: ReadonlyMap<string, EncodedEndpoint>;
}

export interface EndpointDiff {
  /** New endpoints, and those whose facts changed. */
  readonly added: readonly EncodedEndpoint[];
  readonly removed: readonly EncodedEndpoint[];
}

/** A set of these facts; `last` itself when nothing changed. */
export function endpointSet(
  {
    exists,
    labels,
    endpoints,
  }: Pick<EndpointSet, 'exists' | 'labels'> & { endpoints: readonly EndpointFacts[] },
  last: EndpointSet | undefined,
  encode: (facts: EndpointFacts) => Uint8Array,
): EndpointSet {
  const encoded = new Map<string, EncodedEndpoint>();
  let changed = last === undefined || last.exists !== exists;
  for (const facts of endpoints) {
    const { ip, port } = facts;
    const key = `${ip} ${port}`;
    const fingerprint = JSON.stringify(facts);
    const before = last?.endpoints.get(key);
    if (before?.fingerprint === fingerprint) {
      encoded.set(key, before);
      continue;
    }
    changed = true;
    encoded.set(key, { ip, port, fingerprint, bytes: encode(facts) });
  }
  if (last !== undefined && !changed && encoded.size === last.endpoints.size) return last;
  return { exists, labels, endpoints: encoded };
}

/** What a client at `from` must be told to be at `to`. */
export function diffEndpoints(from: EndpointSet, to: EndpointSet): EndpointDiff {
  const added: EncodedEndpoint[] = [];
  for (const [key, endpoint] of to.endpoints) {
    const before = from.endpoints.get(key);
    if (before !== endpoint && before?.fingerprint !== endpoint.fingerprint) added.push(endpoint);
  }
  const removed: EncodedEndpoint[] = [];
  for (const [key, endpoint] of from.endpoints) if (!to.endpoints.has(key)) removed.push(endpoint);
  return { added, removed };
}
