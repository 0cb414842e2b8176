import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { Pod, Volume, VolumeSource } from '../cluster/objects.ts';
import { LocalError } from '../errors.ts';
import { dataFiles } from './data-files.ts';
import { type FindData, podField } from './environment.ts';

/** Signs a service-account token for the pod; `lifetime` in seconds. */
export type MintToken = (pod: Pod, audience: string, lifetime: number) => Promise<string>;

export interface VolumeContext {
  readonly pod: Pod;
  readonly findData: FindData;
  readonly mintToken: MintToken;
}

const DEFAULT_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

/** The files of a volume whose content comes from the cluster; undefined for one that belongs to its pod alone. */
export async function volumeFiles(
  volume: Volume,
  context: VolumeContext,
): Promise<ReadonlyMap<string, Buffer> | undefined> {
  const sources = volume.projected ? (volume.projected.sources ?? []) : [volume];
  if (!volume.projected && !volume.secret && !volume.configMap && !volume.downwardAPI) return undefined;
  const files = new Map<string, Buffer>();
  for (const source of sources) {
    for (const [path, bytes] of await sourceFiles(source, context)) files.set(path, bytes);
  }
  return files;
}

async function sourceFiles(source: VolumeSource, { pod, findData, mintToken }: VolumeContext) {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  if (serviceAccountToken) {
    const { path, audience = DEFAULT_AUDIENCE, expirationSeconds = 3600 } = serviceAccountToken;
    return new Map([[path, Buffer.from(await mintToken(pod, audience, expirationSeconds))]]);
  }
  if (downwardAPI) {
    const items = downwardAPI.items ?? [];
    return new Map(
      items.map(({ path, fieldRef }) => [
        path,
        Buffer.from(fieldRef ? podField(pod, fieldRef.fieldPath) : ''),
      ]),
    );
  }
  const reference = secret ?? configMap;
  if (reference === undefined) return new Map<string, Buffer>();
  const name = secret?.secretName ?? reference.name ?? '';
  const data = findData(secret ? 'Secret' : 'ConfigMap', name);
  if (data !== undefined) return dataFiles(data, reference.items);
  if (reference.optional) return new Map<string, Buffer>();
  const kind = secret ? 'Secret' : 'ConfigMap';
  throw new LocalError('bad_workload', `${pod.metadata.namespace}/${pod.metadata.name}: no ${kind} ${name}`, {
    name,
  });
}

/** Writes the files so that readers see all of one version: `..data` is switched at once, as kubelets do. */
export async function writeVolume(directory: string, files: ReadonlyMap<string, Buffer>, version: number) {
  const generation = `..version-${version}`;
  for (const [path, bytes] of files) {
    const clean = normalize(path);
    if (clean.startsWith('..') || clean.startsWith('/')) {
      throw new LocalError('bad_workload', `a volume's file may not be named "${path}"`, { path });
    }
    const file = join(directory, generation, clean);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes, { mode: 0o644 });
  }
  await mkdir(join(directory, generation), { recursive: true });
  await symlink(generation, join(directory, '..data-next'));
  await rename(join(directory, '..data-next'), join(directory, '..data'));
  const tops = new Set([...files.keys()].map((path) => normalize(path).split('/')[0]!));
  for (const top of tops) await symlink(join('..data', top), join(directory, top)).catch(ignoreExisting);
  await rm(join(directory, `..version-${version - 1}`), { recursive: true, force: true });
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
