/** What a client counts of one kind of request. */
export interface Count {
  sent: number;
  /** Left in the middle, as was meant. */
  aborted: number;
  /** Refused by policy, as was meant. */
  denied: number;
  failed: number;
}

/** Counts by kind; every line of standard output that is JSON is one of these. */
export type Counts = Record<string, Count>;

export type Outcome = 'answered' | 'aborted' | 'denied';

const TELLS_EVERY_MS = 1000;
/** A mesh that answers nothing at all is told of no more than this. */
const MAX_ERRORS = 500;

const counts: Counts = {};
let errors = 0;

/** Sends one request and counts how it ended; a failure is told with its kind and reason. */
export async function attempt(kind: string, send: () => Promise<Outcome>): Promise<void> {
  counts[kind] ??= { sent: 0, aborted: 0, denied: 0, failed: 0 };
  const count = counts[kind];
  count.sent += 1;
  try {
    const outcome = await send();
    if (outcome !== 'answered') count[outcome] += 1;
  } catch (error) {
    count.failed += 1;
    if (errors++ < MAX_ERRORS) {
      console.error(`${new Date().toISOString()} ${kind}: ${(error as Error).message}`);
    }
  }
}

/** How much more often everything is sent at first, so that V8 has soon compiled what it is going to. */
const HURRY_TIMES = 5;
const hurryMs = Number(process.env.HURRY_MS ?? 0);

/** Sends so many requests a second, at even distances, until the process ends. */
export function steadily(perSecond: number, kind: string, send: () => Promise<Outcome>): void {
  const start = (rate: number) => setInterval(() => void attempt(kind, send), 1000 / rate);
  const hurried = start(perSecond * HURRY_TIMES);
  setTimeout(() => {
    clearInterval(hurried);
    start(perSecond);
  }, hurryMs);
}

export function tell(): void {
  setInterval(() => console.log(JSON.stringify(counts)), TELLS_EVERY_MS);
}
