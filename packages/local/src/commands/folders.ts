import { access, readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LocalError } from '../errors.ts';

export interface Folders {
  readonly manifests: string;
  /** Where applications start: the nearest folder, from the manifests upwards, that is a Node.js package. */
  readonly app: string;
}

const isManifest = (name: string) => /\.ya?ml$/i.test(name);

/**
 * Finds the manifests of a folder, in itself or in its `manifests/`, and the application they belong to unless `app`
 * names its folder.
 */
export async function findFolders(directory: string, app?: string): Promise<Folders> {
  const given = await real(directory);
  for (const manifests of [given, join(given, 'manifests')]) {
    const names = await readdir(manifests).catch(() => []);
    if (names.some(isManifest)) {
      return { manifests, app: app === undefined ? await packageAbove(manifests) : await real(app) };
    }
  }
  throw new LocalError(
    'bad_directory',
    `${given} holds no manifests (*.yaml), nor does its folder manifests/`,
    {
      directory: given,
    },
  );
}

function real(directory: string): Promise<string> {
  return realpath(directory).catch((cause: Error) => {
    throw new LocalError('bad_directory', `${directory}: ${cause.message}`, { directory }, { cause });
  });
}

async function packageAbove(start: string): Promise<string> {
  for (let directory = start; directory !== '/'; directory = dirname(directory)) {
    if (await exists(join(directory, 'package.json'))) return directory;
  }
  return start;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
