/**
 * Whether a balancer takes requests.
 *
 *     open ──no endpoint ready, a request waits──▶ queueing ──time is up──▶ shut
 *       ▲──────────────── an endpoint is ready ───────┴──────────────────────┘
 */
export type Gate =
  | { readonly kind: 'open' }
  /** Requests wait for an endpoint; `until` is when they fail (monotonic milliseconds). */
  | { readonly kind: 'queueing'; readonly until: number }
  /** Fail-fast: requests are refused at once until an endpoint is ready. */
  | { readonly kind: 'shut' };

export type GateEvent =
  | { readonly kind: 'request-waits'; readonly now: number; readonly timeoutMs: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'endpoint-ready' };

export const openGate: Gate = { kind: 'open' };

export function nextGate(gate: Gate, event: GateEvent): Gate {
  switch (event.kind) {
    case 'endpoint-ready':
      return openGate;
    case 'request-waits':
      return gate.kind === 'open' ? { kind: 'queueing', until: event.now + event.timeoutMs } : gate;
    case 'timeout':
      return gate.kind === 'queueing' ? { kind: 'shut' } : gate;
  }
}
