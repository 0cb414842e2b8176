import { Destination } from '@weft/proto/destination';
import { type GrpcStatus, StatusCode } from '../grpc/status.ts';
import type { EndpointListener } from '../outbound/ports.ts';
import { EndpointSet } from './endpoint-set.ts';
import type { Watches } from './watch/watches.ts';

/** Endpoints of one service beyond this many are left out. */
const maxEndpoints = 20_000;

interface Resolution {
  readonly endpoints: EndpointSet;
  readonly listeners: Set<EndpointListener>;
  rejected: string | null;
  stop: () => void;
}

/** Follows the endpoints of services, with one stream for all who ask for the same. */
export class EndpointResolver {
  readonly #watches: Watches;
  readonly #contextToken: string;
  readonly #resolutions = new Map<string, Resolution>();

  /** `contextToken` is sent as it is (LINKERD2_PROXY_DESTINATION_CONTEXT). */
  constructor(watches: Watches, contextToken: string) {
    this.#watches = watches;
    this.#contextToken = contextToken;
  }

  /** Follows `name:port` until the returned function is called. What is known already is told at once. */
  resolve = (path: string, listener: EndpointListener): (() => void) => {
    let resolution = this.#resolutions.get(path);
    if (resolution === undefined) {
      resolution = {
        endpoints: new EndpointSet(maxEndpoints),
        listeners: new Set([listener]),
        rejected: null,
        stop: () => {},
      };
      this.#resolutions.set(path, resolution);
      resolution.stop = this.#watch(path, resolution);
    } else {
      resolution.listeners.add(listener);
      const known = resolution.endpoints.current;
      if (known !== null) listener.onReset(known);
      if (resolution.rejected !== null) listener.onRejected(resolution.rejected);
    }
    return () => this.#leave(path, resolution, listener);
  };

  close(): void {
    for (const resolution of this.#resolutions.values()) resolution.stop();
    this.#resolutions.clear();
  }

  #leave(path: string, resolution: Resolution, listener: EndpointListener): void {
    if (!resolution.listeners.delete(listener) || resolution.listeners.size > 0) return;
    resolution.stop();
    if (this.#resolutions.get(path) === resolution) this.#resolutions.delete(path);
  }

  #watch(path: string, { endpoints, listeners }: Resolution): () => void {
    const { log } = this.#watches;
    return this.#watches.follow({
      kind: 'endpoints',
      name: path,
      method: Destination.method.get,
      request: { path, contextToken: this.#contextToken },
      terminal: [StatusCode.InvalidArgument, StatusCode.FailedPrecondition],
      onMessage: (message, first) => {
        if (first) endpoints.restart();
        const surplus = endpoints.surplus;
        const change = endpoints.apply(message);
        if (surplus === 0 && endpoints.surplus > 0) {
          log.warn('A service has more endpoints than are kept', { service: path, kept: maxEndpoints });
        }
        for (const listener of listeners) {
          if (change.kind === 'reset') listener.onReset(change.endpoints);
          else if (change.kind === 'add') listener.onAdd(change.endpoints);
          else if (change.kind === 'remove') listener.onRemove(change.addresses);
        }
      },
      onTerminal: (status) => {
        const reason = refusal(path, status);
        const resolution = this.#resolutions.get(path);
        if (resolution !== undefined) resolution.rejected = reason;
        for (const listener of listeners) listener.onRejected(reason);
      },
    });
  }
}

function refusal(path: string, { message }: GrpcStatus): string {
  return `the destination service refuses ${path}: ${message}`;
}
