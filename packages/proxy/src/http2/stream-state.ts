/**
 * The life of a stream (RFC 9113 section 5.1), without the reserved states: nobody pushes here.
 * `local` is our half, `remote` the peer's.
 */
export type StreamState = 'idle' | 'open' | 'half-closed-local' | 'half-closed-remote' | 'closed';

export type StreamEvent = 'headers' | 'local-end' | 'remote-end' | 'reset';

/** The state after an event. An event that means nothing in a state leaves it as it is. */
export function transition(state: StreamState, event: StreamEvent): StreamState {
  switch (event) {
    case 'headers':
      return state === 'idle' ? 'open' : state;
    case 'local-end':
      if (state === 'open') return 'half-closed-local';
      return state === 'half-closed-remote' ? 'closed' : state;
    case 'remote-end':
      if (state === 'open') return 'half-closed-remote';
      return state === 'half-closed-local' ? 'closed' : state;
    case 'reset':
      return 'closed';
  }
}

/** The peer may still send HEADERS and DATA. */
export function canReceive(state: StreamState): boolean {
  return state === 'open' || state === 'half-closed-local';
}

/** We may still send. */
export function canSend(state: StreamState): boolean {
  return state === 'open' || state === 'half-closed-remote';
}
