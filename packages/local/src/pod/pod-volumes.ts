import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Volume } from '../cluster/objects.ts';
import { type VolumeContext, volumeFiles, writeVolume } from './volume.ts';

/** The volumes of one pod on disk; those made of cluster objects follow them. */
export class PodVolumes {
  readonly #directory: string;
  readonly #context: VolumeContext;
  readonly #versions = new Map<string, { readonly version: number; readonly content: string }>();

  constructor(directory: string, context: VolumeContext) {
    this.#directory = directory;
    this.#context = context;
  }

  /** Makes every volume; rejects when an object that a volume needs is not there. */
  async create(): Promise<void> {
    for (const volume of this.#context.pod.spec.volumes ?? []) {
      if (volume.hostPath) continue; // Bound when a container starts; nothing of it is ever here to be removed.
      const path = join(this.#directory, volume.name);
      await mkdir(path, { recursive: true });
      // Any user of the pod may write where the volume is the pod's own, as into an emptyDir.
      if (!(await this.#write(volume))) await chmod(path, 0o777);
    }
  }

  /** Brings the files to what their objects say now; an object that is gone leaves its files as they were. */
  async refresh(): Promise<void> {
    for (const volume of this.#context.pod.spec.volumes ?? []) await this.#write(volume).catch(() => false);
  }

  /** Writes a volume if its content is another one now; false for volumes that are not made of objects. */
  async #write(volume: Volume): Promise<boolean> {
    const files = await volumeFiles(volume, this.#context);
    if (files === undefined) return false;
    const content = JSON.stringify([...files].map(([path, bytes]) => [path, bytes.toString('base64')]));
    const known = this.#versions.get(volume.name);
    if (known?.content === content) return true;
    const version = (known?.version ?? 0) + 1;
    await writeVolume(join(this.#directory, volume.name), files, version);
    this.#versions.set(volume.name, { version, content });
    return true;
  }
}
