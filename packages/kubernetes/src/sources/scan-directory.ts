import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A manifest file as the file system describes it. */
export interface FileStamp {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** Equal as long as nobody touched the file. */
  readonly stamp: string;
}

export interface DirectoryScan {
  /** Sorted by path. */
  readonly files: readonly FileStamp[];
  readonly directories: readonly string[];
  /** Whether there are more files than `maxFiles`; the rest is not listed. */
  readonly truncated: boolean;
}

const isManifest = (name: string): boolean => /\.(ya?ml|json)$/i.test(name);

async function stampOf(path: string): Promise<FileStamp | undefined> {
  try {
    const { ino, size, mtimeNs, mtimeMs } = await stat(path, { bigint: true });
    return { path, bytes: Number(size), modifiedMs: Number(mtimeMs), stamp: `${ino}:${size}:${mtimeNs}` };
  } catch {
    // Gone since it was listed, or a dangling link: as good as not there.
    return undefined;
  }
}

/** Entries of a folder below the root; one that vanished meanwhile has none. */
async function entriesOf(directory: string, root: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (directory === root) throw error;
    return [];
  }
}

/**
 * Lists the manifests (`.yaml`, `.yml`, `.json`) of a directory and all below it. Names with a leading dot are
 * skipped, which also skips the hidden copies inside a mounted ConfigMap; links to files are followed, links
 * to directories are not. Rejects when the directory itself cannot be read.
 */
export async function scanDirectory(root: string, maxFiles: number): Promise<DirectoryScan> {
  const paths: string[] = [];
  const directories = [root];
  for (let i = 0; i < directories.length; i += 1) {
    const directory = directories[i] ?? root;
    for (const entry of await entriesOf(directory, root)) {
      if (entry.name.startsWith('.')) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) directories.push(path);
      else if (isManifest(entry.name)) paths.push(path);
    }
  }
  paths.sort();
  const stamps = await Promise.all(paths.slice(0, maxFiles).map(stampOf));
  const files = stamps.filter((file) => file !== undefined);
  return { files, directories, truncated: paths.length > maxFiles };
}
