/**
 * Whether an endpoint takes requests.
 *
 *     open ──too many failures──▶ shut ──time is up──▶ probation ──a request──▶ probing
 *       ▲                          ▲                       ▲                      │││
 *       │                          └──────── it failed ────│──────────────────────┘││
 *       │                                                  └──── it was given up ──┘│
 *       └──────────────────────────────── it succeeded ─────────────────────────────┘
 */
export type BreakerState = 'open' | 'shut' | 'probation' | 'probing';

export type BreakerEvent =
  | 'tripped'
  | 'waited'
  | 'probe-sent'
  | 'probe-succeeded'
  | 'probe-failed'
  | 'probe-given-up';

/** What does not apply to a state changes nothing. */
export function nextBreakerState(state: BreakerState, event: BreakerEvent): BreakerState {
  switch (event) {
    case 'tripped':
      return state === 'open' ? 'shut' : state;
    case 'waited':
      return state === 'shut' ? 'probation' : state;
    case 'probe-sent':
      return state === 'probation' ? 'probing' : state;
    case 'probe-succeeded':
      return state === 'probing' ? 'open' : state;
    case 'probe-failed':
      return state === 'probing' ? 'shut' : state;
    case 'probe-given-up':
      return state === 'probing' ? 'probation' : state;
  }
}
