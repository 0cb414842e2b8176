import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allKinds, type Kind, kindDefinitions, type Resource, type ResourceSource } from '@weft/kubernetes';

/** Kinds that readers do not need; what they would say is in the others. */
const LEFT_OUT: ReadonlySet<Kind> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob']);

/** Slices that are derived here are derived by every reader; those somebody wrote must be passed on. */
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const isDerived = ({ metadata }: Resource) => metadata.labels[MANAGED_BY] === 'weft';

/**
 * The cluster as a folder of manifests: what a control plane reads in place of an API server. It holds the user's
 * objects, with the addresses they were given, and the pods that run. Every file is replaced as a whole.
 */
export class StateDirectory {
  readonly #directory: string;
  readonly #written = new Map<string, string>();
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Brings the folder to what the source says now; calls are carried out in order. */
  publish(source: ResourceSource): Promise<void> {
    const wanted = new Map<string, Resource>();
    for (const kind of allKinds) {
      if (LEFT_OUT.has(kind)) continue;
      for (const object of source.list(kind)) {
        if (!isDerived(object)) wanted.set(fileName(kind, object), object);
      }
    }
    this.#writing = this.#writing.then(() => this.#write(wanted));
    return this.#writing;
  }

  async #write(wanted: ReadonlyMap<string, Resource>): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    for (const [name, object] of wanted) {
      if (this.#written.get(name) === object.metadata.resourceVersion) continue;
      // Written under a name that is no manifest's, then moved: a reader never sees half a file.
      const temporary = join(this.#directory, '.next');
      await writeFile(temporary, JSON.stringify(object));
      await rename(temporary, join(this.#directory, name));
      this.#written.set(name, object.metadata.resourceVersion);
    }
    for (const name of this.#written.keys()) {
      if (wanted.has(name)) continue;
      await rm(join(this.#directory, name), { force: true });
      this.#written.delete(name);
    }
  }
}

function fileName(kind: Kind, { metadata }: Resource): string {
  const { group } = kindDefinitions[kind];
  return [kind, group, metadata.namespace, metadata.name, 'json'].filter((part) => part !== '').join('.');
}
