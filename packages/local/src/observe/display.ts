import type { WriteStream } from 'node:tty';
import { edgeReport, sortedEdges } from './document.ts';
import type { Observer } from './observer.ts';
import { eventLine, type LiveEdge, type Scene, screenLines } from './screen.ts';
import type { LedgerEntry } from './traffic-ledger.ts';
import { Window } from './window.ts';

const WINDOW_MS = 10_000;
/** Without a terminal the table is printed this often; events are printed as they come. */
const PLAIN_INTERVAL_MS = 10_000;
const WIDE = 200;

export type SceneHead = Pick<Scene, 'meshId' | 'pods' | 'podsReady' | 'events'>;

/** Shows the mesh: refreshed in place on a terminal, as lines elsewhere. */
export class Display {
  readonly #output: WriteStream;
  readonly #observer: Observer;
  readonly #window = new Window(WINDOW_MS);
  #lastTable = Number.NEGATIVE_INFINITY;
  #printedEvents = 0;

  constructor(output: WriteStream, observer: Observer) {
    this.#output = output;
    this.#observer = observer;
    if (output.isTTY) output.write('\u001b[2J');
  }

  /** Draws what is known now. */
  draw(head: SceneHead): void {
    const at = performance.now();
    const { entries, seconds } = this.#window.advance(this.#observer.traffic.entries, at);
    const edges = this.#liveEdges(entries, seconds);
    const scene: Scene = { ...head, edges, certificates: this.#observer.certificates, now: Date.now() };
    if (this.#output.isTTY) this.#drawInPlace(scene);
    else this.#drawLines(scene, at);
  }

  /** Rates and latencies of now; success is told over the whole run while nothing happens. */
  #liveEdges(entries: readonly LedgerEntry[], seconds: number): readonly LiveEdge[] {
    const total = new Map(this.#observer.traffic.entries.map((entry) => [JSON.stringify(entry.key), entry]));
    const live = entries.map((entry) => {
      const now = edgeReport(entry);
      const always = edgeReport(total.get(JSON.stringify(entry.key)) ?? entry);
      return { ...always, ...withoutNulls(now), perSecond: now.requests / seconds };
    });
    return sortedEdges(live) as readonly LiveEdge[];
  }

  #drawInPlace(scene: Scene): void {
    const [width, height] = this.#output.getWindowSize();
    const lines = screenLines(scene, { width, height }).slice(0, height - 1);
    // Home, each line cleared to its end, then everything below: no flicker and no rest of the frame before.
    this.#output.write(`\u001b[H${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
  }

  #drawLines(scene: Scene, at: number): void {
    for (const event of scene.events.slice(this.#printedEvents)) this.#output.write(`${eventLine(event)}\n`);
    this.#printedEvents = scene.events.length;
    if (at - this.#lastTable < PLAIN_INTERVAL_MS || scene.edges.length === 0) return;
    this.#lastTable = at;
    const lines = screenLines({ ...scene, events: [] }, { width: WIDE, height: 0 });
    this.#output.write(`${lines.join('\n').trimEnd()}\n\n`);
  }
}

function withoutNulls<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as Partial<T>;
}
