import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { DataObject } from './objects.ts';

/** What the folder said of one file when it was last read without a mistake. */
interface KnownFile {
  readonly stamp: string;
  readonly objects: readonly DataObject[];
}

const MAX_FILES = 20_000;

/**
 * The Secrets and ConfigMaps of a folder of manifests. They are for the pods alone, so the typed source that the
 * control plane reads leaves them out. A file that does not parse keeps its last good content; the typed source
 * reports it.
 */
export class DataSource {
  readonly #directory: string;
  #files = new Map<string, KnownFile>();
  #objects = new Map<string, DataObject>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  find(kind: DataObject['kind'], namespace: string, name: string): DataObject | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`);
  }

  /** Reads what changed; true when any object is another one now. */
  async refresh(): Promise<boolean> {
    const files = new Map<string, KnownFile>();
    for (const path of await manifestFiles(this.#directory)) {
      const known = this.#files.get(path);
      const current = await readChanged(path, known);
      if (current !== undefined) files.set(path, current);
    }
    this.#files = files;
    const objects = new Map(
      [...files.values()].flatMap((file) => file.objects).map((object) => [dataKey(object), object]),
    );
    const changed = JSON.stringify([...objects]) !== JSON.stringify([...this.#objects]);
    this.#objects = objects;
    return changed;
  }
}

const dataKey = ({ kind, metadata }: DataObject) =>
  `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`;

async function manifestFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  const hidden = /(^|\/)[.]/;
  return entries
    .filter((name) => /\.(ya?ml|json)$/i.test(name) && !hidden.test(name))
    .slice(0, MAX_FILES)
    .sort()
    .map((name) => join(directory, name));
}

async function readChanged(path: string, known: KnownFile | undefined): Promise<KnownFile | undefined> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    const stamp = `${ino}:${size}:${mtimeMs}`;
    if (known?.stamp === stamp) return known;
    const documents = parseAllDocuments(await readFile(path, 'utf8'));
    if (!Array.isArray(documents)) return { stamp, objects: [] };
    const broken = documents.some(({ errors }) => errors.length > 0);
    if (broken) return known;
    return { stamp, objects: documents.map((document) => document.toJS() as unknown).filter(isDataObject) };
  } catch {
    return undefined; // Gone meanwhile.
  }
}

function isDataObject(value: unknown): value is DataObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<DataObject>;
  return (
    apiVersion === 'v1' && (kind === 'Secret' || kind === 'ConfigMap') && typeof metadata?.name === 'string'
  );
}
