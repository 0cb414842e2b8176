import { ProxyError } from '../errors/proxy-error.ts';
import type { Exchange } from './exchange.ts';
import type { Layer } from './layer.ts';

/** An exchange that the limit below can mark. */
type Limited = Exchange & { inFlight: boolean };

/** Bounds how many requests of one stack wait for the head of their response; bodies are not counted. */
export class LimitInFlight implements Layer<Limited> {
  readonly name = 'limit-in-flight';
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  onRequest(x: Limited): 'done' | undefined {
    if (this.#count >= this.#max) return x.fail(new ProxyError('load-shed', 'service unavailable'));
    this.#count++;
    x.inFlight = true;
    return undefined;
  }

  onResponseHead(x: Limited): void {
    this.#leave(x);
  }

  onEnd(x: Limited): void {
    this.#leave(x);
  }

  #leave(x: Limited): void {
    if (!x.inFlight) return;
    x.inFlight = false;
    this.#count--;
  }
}
