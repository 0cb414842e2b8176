import type { ProxyError } from '../errors/proxy-error.ts';
import type { SynthesizedResponse } from '../errors/respond.ts';
import type { HeaderList, ResponseHead } from '../http/message.ts';

/**
 * `wait`: the layer keeps the exchange and calls `proceed()` later. `done`: the layer has answered, failed
 * or dispatched it. Nothing returned: the next layer follows.
 */
export type Verdict = 'wait' | 'done' | undefined;

/**
 * One concern on a request's path. A stack is a list of layers: requests meet them in order, responses in
 * reverse. A layer holds no state of a single request; that lives in the exchange.
 */
export interface Layer<X> {
  readonly name: string;
  // biome-ignore lint/suspicious/noConfusingVoidType: most layers have nothing to say about what follows
  onRequest?(x: X): Verdict | void;
  /** The first frame of the request body, or its end when there is none. */
  onRequestBody?(x: X): void;
  onRequestFrame?(x: X, bytes: number): void;
  onRequestEnd?(x: X): void;
  onResponseHead?(x: X, head: ResponseHead): void;
  /** The first frame of the response body, or its end when there is none. */
  onResponseBody?(x: X): void;
  onResponseFrame?(x: X, bytes: number): void;
  /**
   * Exactly once for every layer that the request reached: the response ended (`error` is null), or the
   * exchange failed below this layer, or the client gave up (`cancelled`).
   */
  onEnd?(x: X, trailers: HeaderList | null, error: ProxyError | null): void;
  /** Turns a failure below into an answer, which the layers above see as an ordinary response. */
  rescue?(x: X, error: ProxyError): SynthesizedResponse | null;
}

/** A list of layers with, for each hook, who implements it and at which depth. */
export class Stack<X> {
  readonly layers: readonly Layer<X>[];
  readonly requestFrame: readonly Hooked<X>[];
  readonly requestBody: readonly Hooked<X>[];
  readonly requestEnd: readonly Hooked<X>[];
  readonly responseHead: readonly Hooked<X>[];
  readonly responseBody: readonly Hooked<X>[];
  readonly responseFrame: readonly Hooked<X>[];
  readonly end: readonly Hooked<X>[];

  constructor(layers: readonly Layer<X>[]) {
    this.layers = layers;
    const having = (hook: keyof Layer<X>): Hooked<X>[] =>
      layers.map((layer, index) => ({ layer, index })).filter(({ layer }) => layer[hook] !== undefined);
    this.requestFrame = having('onRequestFrame');
    this.requestBody = having('onRequestBody');
    this.requestEnd = having('onRequestEnd');
    this.responseHead = having('onResponseHead').reverse();
    this.responseBody = having('onResponseBody').reverse();
    this.responseFrame = having('onResponseFrame').reverse();
    this.end = having('onEnd').reverse();
  }
}

export interface Hooked<X> {
  readonly layer: Layer<X>;
  readonly index: number;
}
