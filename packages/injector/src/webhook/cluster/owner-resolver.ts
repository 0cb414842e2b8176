import { type ObjectReference, type Owner, type OwnerReference, ownerOf, type Pod } from '@weft/kubernetes';
import type { Logger } from '@weft/service';
import type { Workload } from '../../workload.ts';
import type { ClusterFacts } from './cluster-facts.ts';

/** Who a pod belongs to, and the object that events about the pod are shown beside. */
export interface ResolvedOwner extends Owner {
  /** Undefined for a pod that nobody owns: it does not exist yet. */
  readonly object: ObjectReference | undefined;
}

export type OwnerLookupResult = 'remembered' | 'asked' | 'failed';

export interface OwnerResolverOptions {
  readonly facts: Pick<ClusterFacts, 'ownersOf'>;
  readonly logger: Logger;
  readonly onLookup: (result: OwnerLookupResult) => void;
  readonly now?: () => number;
}

/** Owners of owners that are remembered: a rollout asks once. */
const REMEMBERED = 4096;
const REMEMBERED_MS = 300_000;

/** An injected pod without its label is better than no pod: nobody waits longer for an owner, in ms. */
const LOOKUP_MS = 2_000;

interface Entry {
  readonly owners: Promise<readonly OwnerReference[]>;
  readonly until: number;
}

/** Finds the workload behind a pod, through its ReplicaSet or Job. */
export class OwnerResolver {
  readonly #options: OwnerResolverOptions;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(options: OwnerResolverOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** How many lookups are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** Never rejects: where nobody can tell, it is the pod's direct owner. */
  async resolve(pod: Workload, namespace: string): Promise<ResolvedOwner> {
    const references = referencesOf(pod);
    const [parent] = references;
    const above = references.length === 1 && parent !== undefined ? await this.#above(parent, namespace) : [];
    // `ownerOf` reads nothing of a pod but these.
    const metadata = { name: pod.metadata?.name ?? '', namespace, ownerReferences: references };
    const owner = ownerOf({ metadata } as unknown as Pod, () => ({ metadata: { ownerReferences: above } }));
    const found = [...above, ...references].find(
      ({ kind, name }) => kind.toLowerCase() === owner.kind && name === owner.name,
    );
    return { ...owner, object: found && { ...shown(found), namespace } };
  }

  async #above(parent: OwnerReference, namespace: string): Promise<readonly OwnerReference[]> {
    if (parent.kind !== 'ReplicaSet' && parent.kind !== 'Job') return [];
    try {
      return await this.#lookUp(parent, parent.kind, namespace);
    } catch (error) {
      this.#options.onLookup('failed');
      this.#options.logger.warn('the owner of an owner could not be looked up', {
        ...{ kind: parent.kind, namespace, name: parent.name, error },
      });
      return [];
    }
  }

  #lookUp(parent: OwnerReference, kind: 'ReplicaSet' | 'Job', namespace: string): Entry['owners'] {
    const { facts, onLookup } = this.#options;
    const key = `${kind} ${namespace}/${parent.name} ${parent.uid}`;
    const known = this.#entries.get(key);
    if (known !== undefined && this.#now() < known.until) {
      onLookup('remembered');
      return known.owners;
    }
    onLookup('asked');
    // Shared by all pods that wait for it, so no single request may abort it.
    const owners = facts.ownersOf(kind, namespace, parent.name, AbortSignal.timeout(LOOKUP_MS));
    this.#remember(key, { owners, until: this.#now() + REMEMBERED_MS });
    owners.catch(() => this.#entries.delete(key));
    return owners;
  }

  #remember(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > REMEMBERED && oldest !== undefined) this.#entries.delete(oldest);
  }
}

const shown = ({ apiVersion, kind, name, uid }: OwnerReference) => ({ apiVersion, kind, name, uid });

function referencesOf({ metadata }: Workload): readonly OwnerReference[] {
  const { ownerReferences } = (metadata ?? {}) as { ownerReferences?: readonly OwnerReference[] | null };
  return ownerReferences ?? [];
}
