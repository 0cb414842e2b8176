import { DerivedSource } from './derive/derived-source.ts';
import type { ManifestProblem } from './manifests/problem.ts';
import { CompositeSource } from './sources/composite-source.ts';
import { DirectorySource, type DirectorySourceOptions } from './sources/directory-source.ts';
import type { ResourceSource } from './sources/source.ts';

export interface ManifestsOptions extends Omit<DirectorySourceOptions, 'directory' | 'onProblems'> {
  /** Later directories override objects of earlier ones. */
  readonly directories: readonly string[];
  readonly serviceCidr?: string;
  /** Called with all present problems of one directory whenever they change. */
  readonly onProblems?: (directory: string, problems: readonly ManifestProblem[]) => void;
}

export interface Manifests {
  readonly source: ResourceSource;
  /** Settles when the signal given to `openManifests` is aborted and every watch is closed. */
  readonly finished: Promise<void>;
}

/**
 * Directories of manifests as one cluster: followed live until the signal is aborted, later directories before
 * earlier ones, with the cluster IPs and endpoint slices that no controller writes here.
 */
export function openManifests(options: ManifestsOptions, signal: AbortSignal): Manifests {
  const { directories, serviceCidr, onProblems, ...rest } = options;
  const folders = directories.map(
    (directory) =>
      new DirectorySource({
        ...rest,
        directory,
        onProblems: (problems) => onProblems?.(directory, problems),
      }),
  );
  const source = new DerivedSource(
    new CompositeSource(folders),
    serviceCidr === undefined ? {} : { serviceCidr },
  );
  return { source, finished: Promise.all(folders.map((folder) => folder.run(signal))).then(() => {}) };
}
