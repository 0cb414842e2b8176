import type { MessagePort, Transferable, Worker } from 'node:worker_threads';

/** The other end: a Worker seen from outside, or its parent port seen from inside. */
type Port = MessagePort | Worker;

type Kinds = { readonly kind: string };
type Handlers<In extends Kinds> = { [K in In['kind']]?: (message: Extract<In, { kind: K }>) => void };

/** Messages between two threads, in order: `In` comes, `Out` goes. */
export class Link<In extends Kinds, Out extends Kinds> {
  readonly #port: Port;
  readonly #handlers: Handlers<In> = {};

  constructor(port: Port) {
    this.#port = port;
    port.on('message', (message: In) => {
      const handler = this.#handlers[message.kind as In['kind']] as ((message: In) => void) | undefined;
      handler?.(message);
    });
  }

  on<K extends In['kind']>(kind: K, handler: (message: Extract<In, { kind: K }>) => void): void {
    this.#handlers[kind] = handler;
  }

  /** The next message of that kind, instead of a handler. */
  next<K extends In['kind']>(kind: K): Promise<Extract<In, { kind: K }>> {
    return new Promise((resolve) => this.on(kind, resolve));
  }

  post(message: Out, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
