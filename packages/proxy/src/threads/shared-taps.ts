import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ObserveRequest, ObserveRequestSchema } from '@weft/proto/tap';
import type { TapQuota } from '../tap/quota.ts';
import type { OpenTap, RemoteTapListener, RemoteTaps, Taps } from '../tap/taps.ts';
import type { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';
import { SharedQuota, sharedQuotaMemory } from './shared-quota.ts';

/** Requests of one tap are numbered from here on by each thread. */
const streamsPerThread = 2n ** 40n;

/** Taps of the main thread, fed by its workers. */
export class WorkersTaps implements RemoteTaps {
  readonly #links: Link<ToMain, ToWorker>[] = [];
  readonly #listeners = new Map<number, RemoteTapListener>();
  #nextId = 0;

  /** One more worker. */
  add(link: Link<ToMain, ToWorker>): void {
    this.#links.push(link);
    link.on('tapped', ({ id, event }) => this.#listeners.get(id)?.onEvent(event));
    link.on('tap-finished', ({ id }) => this.#listeners.get(id)?.onFinished());
  }

  start(
    base: number,
    request: ObserveRequest,
    listener: RemoteTapListener,
  ): { readonly quota: TapQuota; stop(): void } {
    const id = this.#nextId++;
    this.#listeners.set(id, listener);
    const memory = sharedQuotaMemory();
    const bytes = toBinary(ObserveRequestSchema, request);
    this.#tell({ kind: 'tap', id, base, request: bytes, quota: memory });
    let finished = 0;
    const quota = new SharedQuota(memory, request.limit, () => ++finished === request.limit);
    return {
      quota,
      stop: () => {
        this.#listeners.delete(id);
        this.#tell({ kind: 'end-tap', id });
      },
    };
  }

  #tell(message: ToWorker): void {
    for (const link of this.#links) link.post(message);
  }
}

/** Lets the taps of a worker feed those of the main thread. */
export function feedTaps(link: Link<ToWorker, ToMain>, taps: Taps, thread: number): void {
  const open = new Map<number, OpenTap>();
  link.on('tap', ({ base, id, quota: memory, request: bytes }) => {
    const request = fromBinary(ObserveRequestSchema, bytes);
    const quota = new SharedQuota(memory, request.limit, () => {
      link.post({ kind: 'tap-finished', id });
      return false;
    });
    const sink = {
      send(event: Uint8Array): boolean {
        link.post({ kind: 'tapped', id, event });
        return true;
      },
      end() {},
    };
    open.set(id, taps.join(base, request, sink, quota, streamsPerThread * BigInt(thread)));
  });
  link.on('end-tap', ({ id }) => {
    open.get(id)?.close();
    open.delete(id);
  });
}
