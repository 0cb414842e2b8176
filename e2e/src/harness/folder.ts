import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';

/** The project's root. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const shop = join(root, 'deploy', 'examples', 'shop');

/** A Kubernetes object, as loosely as a test edits it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into any field of any kind
  [field: string]: any;
}

/** A folder of manifests that a test may edit while a mesh follows it. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'weft-e2e-'));

  /** A copy of the shop's manifests. */
  static ofShop(): Folder {
    const folder = new Folder();
    cpSync(join(shop, 'manifests'), folder.path, { recursive: true });
    return folder;
  }

  /** Writes a file at once, as an editor would replace it. */
  write(file: string, ...manifests: readonly Manifest[]): void {
    const next = join(this.path, `.${file}`);
    writeFileSync(next, manifests.map((manifest) => stringify(manifest)).join('---\n'));
    renameSync(next, join(this.path, file));
  }

  /** Changes the objects of one kind in a file. */
  edit(file: string, kind: string, change: (manifest: Manifest) => void): void {
    const documents = parseAllDocuments(readFileSync(join(this.path, file), 'utf8'));
    const manifests = documents.map((document) => document.toJS() as Manifest);
    for (const manifest of manifests) if (manifest.kind === kind) change(manifest);
    this.write(file, ...manifests);
  }

  scale(workload: string, replicas: number): void {
    this.edit(`${workload}.yaml`, 'Deployment', (manifest) => {
      manifest.spec.replicas = replicas;
    });
  }

  remove(file: string): void {
    rmSync(join(this.path, file));
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
