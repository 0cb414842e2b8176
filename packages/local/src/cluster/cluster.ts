import {
  allKinds,
  CompositeSource,
  DerivedSource,
  DirectorySource,
  decodeResource,
  type Kind,
  keyOf,
  type ManifestProblem,
  MemorySource,
  type ResourceListener,
  type ResourceSource,
  type Typed,
} from '@weft/kubernetes';
import { LocalError } from '../errors.ts';
import { addressPlan } from '../network/addresses.ts';
import { DataSource } from './data-source.ts';
import type { DataObject, KubernetesObject } from './objects.ts';

export interface ClusterOptions {
  /** The user's folder of manifests. */
  readonly directory: string;
  /** Objects that are there unless the folder says otherwise: the control plane's own. */
  readonly builtIn: readonly KubernetesObject[];
  readonly onProblems: (problems: readonly ManifestProblem[]) => void;
}

/** Everything the mesh knows, as an API server would: the folder's objects, the built-in ones, and what runs. */
export class Cluster {
  readonly source: ResourceSource;
  readonly #runtime = new MemorySource();
  readonly #declared: ResourceSource;
  readonly #directory: DirectorySource;
  readonly #data: DataSource;
  readonly #builtInData: ReadonlyMap<string, DataObject>;
  #version = 0;

  constructor({ directory, builtIn, onProblems }: ClusterOptions) {
    const base = new MemorySource();
    base.apply({ set: builtIn.flatMap(decoded) });
    base.markSynced();
    this.#runtime.markSynced();
    this.#directory = new DirectorySource({ directory, onProblems });
    this.#data = new DataSource(directory);
    this.#builtInData = new Map(
      builtIn
        .filter(({ kind }) => kind === 'Secret' || kind === 'ConfigMap')
        .map((object) => [
          dataKey(object.kind, object.metadata.namespace ?? '', object.metadata.name),
          object,
        ]),
    );
    this.#declared = new CompositeSource([base, this.#directory]);
    const all = new CompositeSource([this.#declared, this.#runtime]);
    this.source = new DerivedSource(all, { serviceCidr: addressPlan.services });
  }

  /** Follows the folder until the signal is aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.#directory.run(signal);
  }

  /** Tells of every change of any object. */
  watch(listener: ResourceListener): void {
    this.source.watch(allKinds, listener);
  }

  /** Reads the folder's Secrets and ConfigMaps again; true when any changed. */
  refreshData(): Promise<boolean> {
    return this.#data.refresh();
  }

  findData(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): DataObject | undefined {
    return this.#data.find(kind, namespace, name) ?? this.#builtInData.get(dataKey(kind, namespace, name));
  }

  /** Objects as the user or the control plane wrote them, with every field of the manifest. */
  list<T extends KubernetesObject>(kind: Kind): readonly T[] {
    return this.source.list(kind) as unknown as readonly T[];
  }

  /** Like {@link list}, without what the mesh itself put in force. */
  listDeclared<T extends KubernetesObject>(kind: Kind): readonly T[] {
    return this.#declared.list(kind) as unknown as readonly T[];
  }

  /** Puts objects the mesh itself makes in force: pods as they run, ReplicaSets, Jobs. */
  put(...objects: readonly KubernetesObject[]): void {
    this.#runtime.apply({ set: objects.flatMap((object) => decoded(this.#versioned(object))) });
  }

  remove(...objects: readonly KubernetesObject[]): void {
    const typed = objects.flatMap((object) => decoded(object));
    this.#runtime.apply({ delete: typed.map(({ kind, object }) => keyOf(kind, object)) });
  }

  #versioned(object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }
}

const dataKey = (kind: string, namespace: string, name: string) => `${kind}/${namespace}/${name}`;

/** The object as the typed sources hold it; none for kinds they do not read. */
function decoded(object: KubernetesObject): Typed[] {
  const result = decodeResource(object);
  if (result.type === 'resource') return [result.resource];
  if (result.type === 'ignored') return [];
  const { kind, metadata } = object;
  const reasons = result.problems.map(({ message }) => message).join('; ');
  throw new LocalError('bad_workload', `${kind} ${metadata.namespace ?? ''}/${metadata.name}: ${reasons}`, {
    kind,
  });
}
