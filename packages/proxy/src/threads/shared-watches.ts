import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Destination } from '@weft/proto/destination';
import type { WatchSubject } from '../discovery/watch/watch-forever.ts';
import type { Watches } from '../discovery/watch/watches.ts';
import { EndpointReplay, LastMessage, type WatchReplay } from './watch-replay.ts';

/** As many endpoints of a service as the resolver of a thread keeps. */
const maxEndpoints = 20_000;

interface Follower {
  readonly onMessage: (message: MessageShape<DescMessage>, first: boolean) => void;
  readonly onTerminal: WatchSubject<DescMessage, DescMessage>['onTerminal'];
}

interface Shared {
  readonly followers: Set<Follower>;
  readonly replay: WatchReplay;
  stop: () => void;
}

/**
 * One stream for all who ask the same, whatever thread they are on. Who comes later is told at once what is known;
 * the stream ends with its last follower.
 */
export class SharedWatches implements Watches {
  readonly #watches: Watches;
  readonly #shared = new Map<string, Shared>();

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  get clock() {
    return this.#watches.clock;
  }

  get log() {
    return this.#watches.log;
  }

  get metrics() {
    return this.#watches.metrics;
  }

  follow<I extends DescMessage, O extends DescMessage>(subject: WatchSubject<I, O>): () => void {
    const follower: Follower = {
      onMessage: (message, first) => subject.onMessage(message as MessageShape<O>, first),
      onTerminal: (status) => subject.onTerminal(status),
    };
    const key = keyOf(subject);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { followers: new Set([follower]), replay: replayOf(subject.method), stop: () => {} };
      this.#shared.set(key, shared);
      shared.stop = this.#open(key, shared, subject);
    } else {
      shared.followers.add(follower);
      for (const [index, message] of shared.replay.messages().entries())
        follower.onMessage(message, index === 0);
    }
    return () => this.#leave(key, shared, follower);
  }

  #open<I extends DescMessage, O extends DescMessage>(
    key: string,
    { followers, replay }: Shared,
    subject: WatchSubject<I, O>,
  ): () => void {
    return this.#watches.follow({
      ...subject,
      onMessage(message, first) {
        replay.apply(message, first);
        for (const follower of [...followers]) follower.onMessage(message, first);
      },
      onTerminal: (status) => {
        this.#shared.delete(key);
        for (const follower of [...followers]) follower.onTerminal(status);
      },
    });
  }

  #leave(key: string, shared: Shared, follower: Follower): void {
    if (!shared.followers.delete(follower) || shared.followers.size > 0) return;
    shared.stop();
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
  }
}

function replayOf({ name, parent }: DescMethodServerStreaming): WatchReplay {
  const differences = parent.typeName === Destination.typeName && name === Destination.method.get.name;
  return differences ? new EndpointReplay(maxEndpoints) : new LastMessage();
}

function keyOf<I extends DescMessage>({ method, request }: WatchSubject<I, DescMessage>): string {
  const bytes = toBinary(method.input, create(method.input, request));
  return `${method.parent.typeName}/${method.name} ${Buffer.from(bytes).toString('latin1')}`;
}
