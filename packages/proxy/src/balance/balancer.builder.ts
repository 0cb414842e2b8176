import { Balancer, type BalancerOptions, type Candidate, type Clock, unmeasured } from './balancer.ts';

export class FakeClock implements Clock {
  time = 0;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #next = 1;
  /** Numbers that `random` gives in turn; 0 when they are used up. */
  rolls: number[] = [];

  now(): number {
    return this.time;
  }
  setTimeout(callback: () => void, ms: number): unknown {
    this.#timers.set(this.#next, { at: this.time + ms, callback });
    return this.#next++;
  }
  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }
  random = (): number => this.rolls.shift() ?? 0;

  advance(ms: number): void {
    this.time += ms;
    for (const [id, timer] of this.#timers) {
      if (timer.at > this.time) continue;
      this.#timers.delete(id);
      timer.callback();
    }
  }
}

export class FakeEndpoint implements Candidate {
  readonly key: string;
  ready: boolean;
  closed = false;
  warmed = 0;
  weight: number;

  constructor(key: string, ready = true, weight = 1) {
    this.key = key;
    this.ready = ready;
    this.weight = weight;
  }
  load(): number {
    return this.weight;
  }
  warm(): void {
    this.warmed++;
  }
  close(): void {
    this.closed = true;
  }
}

export function balancerOf(
  endpoints: FakeEndpoint[],
  clock: Clock,
  options: Partial<BalancerOptions> = {},
): Balancer<FakeEndpoint> {
  const balancer = new Balancer<FakeEndpoint>(
    { queueCapacity: 100, failFastTimeoutMs: 3000, ...options },
    clock,
    unmeasured,
  );
  for (const endpoint of endpoints) balancer.add(endpoint);
  return balancer;
}

export class RecordingWaiter {
  got: string[] = [];
  failed = 0;
  onEndpoint(endpoint: FakeEndpoint): void {
    this.got.push(endpoint.key);
  }
  onFailFast(): void {
    this.failed++;
  }
  onHopeless(reason: string): void {
    this.got.push(reason);
  }
}
