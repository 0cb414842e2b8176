import type { RequestOutcome } from '../metrics.ts';

/** What is written back, and what it is counted as. */
export type Answer =
  | {
      readonly outcome: Exclude<RequestOutcome, 'broken'>;
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
    }
  /** The client went away. */
  | { readonly outcome: 'broken' };

const plain = 'text/plain; charset=utf-8';

export const notFound: Answer = {
  outcome: 'not_found',
  status: 404,
  contentType: plain,
  text: 'admission reviews are answered at POST /\n',
};

export const busy: Answer = {
  outcome: 'busy',
  status: 503,
  contentType: plain,
  text: 'too many requests are waiting\n',
};

export function tooLarge(limit: number): Answer {
  return {
    outcome: 'too_large',
    status: 413,
    contentType: plain,
    text: `the body is longer than ${limit} bytes\n`,
  };
}

export function malformed(problem: string): Answer {
  return { outcome: 'malformed', status: 400, contentType: plain, text: `${problem}\n` };
}

/** A review with its decision: also a denial is a success of the protocol. */
export function reviewed(outcome: 'allowed' | 'patched' | 'denied' | 'failed', text: string): Answer {
  return { outcome, status: 200, contentType: 'application/json', text };
}
