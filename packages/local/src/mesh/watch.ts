import { controlPlane } from '../control-plane/names.ts';
import { Display } from '../observe/display.ts';
import { addressBook, observablePods } from '../observe/mesh-view.ts';
import { type ObservablePod, Observer } from '../observe/observer.ts';
import { sleep } from '../pod/sleep.ts';
import type { Mesh } from './mesh.ts';
import type { MeshOptions } from './options.ts';

const LOOK_MS = 1000;

/** Observes the mesh from its start to its end and shows it, or prints the document in the end. */
export class Watch {
  readonly #observer: Observer;
  readonly #display: Display | undefined;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  readonly #mesh: Mesh;
  readonly #meshId: string;

  constructor(mesh: Mesh, { meshId }: MeshOptions, { json }: { json: boolean }) {
    const names = { controlPlaneNamespace: controlPlane.namespace, trustDomain: controlPlane.trustDomain };
    let pods: readonly ObservablePod[] = [];
    this.#mesh = mesh;
    this.#meshId = meshId;
    this.#observer = new Observer({
      pods: async () => {
        pods = await observablePods(mesh.kubelet, names);
        return pods;
      },
      book: () => addressBook(pods, mesh.cluster),
      events: mesh.events,
    });
    this.#display = json ? undefined : new Display(process.stdout, this.#observer);
    this.#running = this.#run();
  }

  /** Looks a last time; with `json`, prints everything as one document. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await this.#observer.look(AbortSignal.timeout(LOOK_MS));
    this.#draw();
    if (this.#display !== undefined) return;
    const text = `${JSON.stringify(this.#observer.document)}\n`;
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const next = sleep(LOOK_MS, signal);
      await this.#observer.look(signal);
      this.#draw();
      await next;
    }
  }

  #draw(): void {
    const { pods } = this.#mesh.kubelet;
    const running = pods.filter(({ runner }) => runner.state.state !== 'ended');
    this.#display?.draw({
      meshId: this.#meshId,
      pods: running.length,
      podsReady: running.filter(({ runner }) => runner.ready).length,
      events: this.#mesh.events.events,
    });
  }
}
