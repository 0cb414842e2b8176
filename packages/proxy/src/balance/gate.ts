/**
 * Whether a balancer takes requests.
 *
 *     open ──no endpoint ready, a request waits──▶ queueing ──time is up──▶ shut
 *       ▲──────────────── an endpoint is ready ───────┴──────────────────────┘
 *
 * From each of them it fails for good when there will never be an endpoint.
 */
export type Gate =
  | { readonly kind: 'open' }
  /** Requests wait for an endpoint; `until` is when they fail (monotonic milliseconds). */
  | { readonly kind: 'queueing'; readonly until: number }
  /** Fail-fast: requests are refused at once until an endpoint is ready. */
  | { readonly kind: 'shut' }
  | { readonly kind: 'failed'; readonly reason: string };

export type GateEvent =
  | { readonly kind: 'request-waits'; readonly now: number; readonly timeoutMs: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'endpoint-ready' }
  | { readonly kind: 'no-hope'; readonly reason: string };

export const openGate: Gate = { kind: 'open' };

export function nextGate(gate: Gate, event: GateEvent): Gate {
  if (gate.kind === 'failed') return gate;
  switch (event.kind) {
    case 'no-hope':
      return { kind: 'failed', reason: event.reason };
    case 'endpoint-ready':
      return openGate;
    case 'request-waits':
      return gate.kind === 'open' ? { kind: 'queueing', until: event.now + event.timeoutMs } : gate;
    case 'timeout':
      return gate.kind === 'queueing' ? { kind: 'shut' } : gate;
  }
}
