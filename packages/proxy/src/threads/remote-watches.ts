import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Destination } from '@weft/proto/destination';
import { InboundServerPolicies } from '@weft/proto/inbound';
import { OutboundPolicies } from '@weft/proto/outbound';
import type { Clock } from '../balance/balancer.ts';
import type { WatchSubject } from '../discovery/watch/watch-forever.ts';
import type { Watches } from '../discovery/watch/watches.ts';
import type { Logger } from '../log/logger.ts';
import type { Link } from './link.ts';
import type { ToMain, ToWorker, WatchedService } from './messages.ts';

/** Everything that a worker may ask for. */
const methods: ReadonlyMap<string, DescMethodServerStreaming> = new Map(
  [
    Destination.method.get,
    Destination.method.getProfile,
    InboundServerPolicies.method.watchPort,
    OutboundPolicies.method.watch,
  ].map((method) => [nameOf(method), method]),
);

function nameOf({ name, parent }: DescMethodServerStreaming): string {
  return `${parent.typeName}/${name}`;
}

interface Followed {
  readonly onMessage: (bytes: Uint8Array, first: boolean) => void;
  readonly onTerminal: WatchSubject<DescMessage, DescMessage>['onTerminal'];
}

/** What a worker follows, by way of the main thread. */
export class RemoteWatches {
  readonly #link: Link<ToWorker, ToMain>;
  readonly #followed = new Map<number, Followed>();
  #nextId = 0;

  constructor(link: Link<ToWorker, ToMain>) {
    this.#link = link;
    link.on('told', ({ id, message, first }) => this.#followed.get(id)?.onMessage(message, first));
    link.on('refused', ({ id, status }) => {
      const followed = this.#followed.get(id);
      this.#followed.delete(id);
      followed?.onTerminal(status);
    });
  }

  of(service: WatchedService, deps: { clock: Clock; log: Logger; metrics: Watches['metrics'] }): Watches {
    return { ...deps, follow: (subject) => this.#follow(service, subject) };
  }

  #follow<I extends DescMessage, O extends DescMessage>(
    service: WatchedService,
    { kind: watch, method, name, onMessage, onTerminal, request, terminal }: WatchSubject<I, O>,
  ): () => void {
    const id = this.#nextId++;
    this.#followed.set(id, {
      onMessage: (bytes, first) => onMessage(fromBinary(method.output, bytes), first),
      onTerminal,
    });
    const bytes = toBinary(method.input, create(method.input, request));
    const asked = { service, watch, name, terminal, method: nameOf(method), request: bytes };
    this.#link.post({ kind: 'follow', id, ...asked });
    return () => {
      if (this.#followed.delete(id)) this.#link.post({ kind: 'unfollow', id });
    };
  }
}

/** Answers for the main thread what a worker follows. */
export function serveWatches(
  link: Link<ToMain, ToWorker>,
  watches: Readonly<Record<WatchedService, Watches>>,
): void {
  const stops = new Map<number, () => void>();
  link.on('follow', ({ id, method: methodName, name, request, service, terminal, watch }) => {
    const method = methods.get(methodName);
    if (method === undefined) throw new Error(`a thread asks for ${methodName}, which is not watched`);
    const stop = watches[service].follow<DescMessage, DescMessage>({
      kind: watch,
      name,
      method,
      request: fromBinary(method.input, request),
      terminal,
      onMessage: (message, first) => link.post({ kind: 'told', id, message: encode(method, message), first }),
      onTerminal: (status) => {
        stops.delete(id);
        link.post({ kind: 'refused', id, status });
      },
    });
    stops.set(id, stop);
  });
  link.on('unfollow', ({ id }) => {
    stops.get(id)?.();
    stops.delete(id);
  });
}

/** The same message goes to several threads. */
const encoded = new WeakMap<object, Uint8Array>();

function encode(method: DescMethodServerStreaming, message: MessageShape<DescMessage>): Uint8Array {
  let bytes = encoded.get(message);
  if (bytes === undefined) {
    bytes = toBinary(method.output, message);
    encoded.set(message, bytes);
  }
  return bytes;
}
