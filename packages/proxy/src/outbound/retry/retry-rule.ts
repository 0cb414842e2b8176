import type { HeaderList, ResponseHead } from '../../http/message.ts';
import type { OutboundAttempt } from './outbound-attempt.ts';

/** How much of a request's body there is to send again. */
export interface Replay {
  /** All that has come of it. */
  readonly complete: boolean;
  /** There is no more to come. */
  readonly ended: boolean;
}

/** When a request is sent again. One request's own. */
export interface RetryRule {
  /** Bytes of body up to which the request can be sent again. */
  readonly maxBody: number;
  /** How long an attempt may take to the head of its answer, milliseconds; null: as long as it likes. */
  headLimitMs(): number | null;
  /** Whether the trailers of an answer with this head may say that the request is to be sent again. */
  trailersMatter(attempt: OutboundAttempt, head: ResponseHead): boolean;
  /** An answer came: whether the request is to be sent again. `trailers`: those that followed closely. */
  wantsAnother(
    attempt: OutboundAttempt,
    head: ResponseHead,
    trailers: HeaderList | null,
    replay: Replay,
  ): boolean;
  /** There is no answer: whether the request is to be sent again. */
  survives(attempt: OutboundAttempt, replay: Replay): boolean;
  /** Milliseconds to wait before that; 0: none. */
  waitMs(): number;
  /** Whether there is anything to send it to now. True: it is sent. */
  resend(): boolean;
}
