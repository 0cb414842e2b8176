import type { ApiClient } from '../api/api-client.ts';
import { isApiError } from '../api/api-error.ts';
import type { Log } from '../api/log.ts';
import { pause } from '../api/pause.ts';
import { decide } from './decide.ts';
import { type Lease, LeaseApi, type LeaseClaim, type LeaseName } from './lease.ts';

export interface LeaderElectionOptions {
  readonly api: ApiClient;
  readonly lease: LeaseName;
  /** This candidate's name, another for each replica: the pod's. */
  readonly self: string;
  readonly log: Log;
  /** How long a lease holds without renewal, in ms, in whole seconds. Default 30 000. */
  readonly durationMs?: number;
  /** How often a holder renews, in ms. Default 10 000. */
  readonly renewMs?: number;
  /** How soon a failed attempt is repeated, in ms. Default 2000. */
  readonly retryMs?: number;
  /** Called whenever leadership begins and ends. */
  readonly onChange?: (leads: boolean) => void;
}

/** A holder steps down this much before others may take over, for clocks that do not run alike. */
const SAFETY = 0.9;

const RELEASE_TIMEOUT_MS = 2_000;

/**
 * Takes part in the election of one replica of many, by a lease. Whoever leads knows it only for as long as
 * nobody else can: from the moment its renewal was sent until shortly before the lease runs out.
 */
export class LeaderElection {
  readonly #options: Required<Omit<LeaderElectionOptions, 'onChange'>>;
  readonly #onChange: (leads: boolean) => void;
  readonly #leases: LeaseApi;
  #lease: Lease | undefined;
  /** When the lease was first seen as it is, by this process's monotonic clock. */
  #seenAt = 0;
  #leadsUntil = 0;
  #end: NodeJS.Timeout | undefined;

  constructor(options: LeaderElectionOptions) {
    const { onChange = () => {}, ...rest } = options;
    this.#options = { durationMs: 30_000, renewMs: 10_000, retryMs: 2_000, ...rest };
    this.#onChange = onChange;
    this.#leases = new LeaseApi(options.api, this.#options.renewMs);
  }

  get leads(): boolean {
    return this.#end !== undefined && performance.now() < this.#leadsUntil;
  }

  /** Takes part until the signal is aborted, then gives the lease back for the next one to take at once. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let waitMs = this.#options.retryMs;
      try {
        waitMs = await this.#takePart(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        // Somebody else was first: nothing is wrong.
        if (!isApiError(error, 'conflict')) {
          failures += 1;
          this.#failed(error, failures);
        }
      }
      await pause(waitMs, signal);
    }
    await this.#release();
  }

  /** One look at the lease and what follows from it. Returns when to look again, in ms. */
  async #takePart(signal: AbortSignal): Promise<number> {
    const { lease: name, self, renewMs, retryMs } = this.#options;
    this.#see(await this.#leases.read(name, signal));
    const lease = this.#lease;
    const decision = decide(lease, self, performance.now() - this.#seenAt);
    const sentAt = performance.now();
    if (decision.type === 'wait') {
      this.#stepDown();
      return Math.min(decision.ms, retryMs);
    }
    const acquires = decision.type !== 'renew';
    const claim = this.#claim(self, acquires, (lease?.transitions ?? 0) + (decision.type === 'take' ? 1 : 0));
    this.#see(
      lease === undefined
        ? await this.#leases.create(name, claim, signal)
        : await this.#leases.write(name, lease, claim, signal),
    );
    this.#lead(sentAt);
    return renewMs;
  }

  #claim(holder: string, acquires: boolean, transitions: number): LeaseClaim {
    return { holder, durationMs: this.#options.durationMs, transitions, acquires, now: Date.now() };
  }

  #see(lease: Lease | undefined): void {
    if (lease?.resourceVersion !== this.#lease?.resourceVersion) this.#seenAt = performance.now();
    this.#lease = lease;
  }

  #lead(sentAt: number): void {
    const { durationMs, lease, self, log } = this.#options;
    const led = this.#end !== undefined;
    clearTimeout(this.#end);
    this.#leadsUntil = sentAt + durationMs * SAFETY;
    this.#end = setTimeout(() => this.#stepDown(), this.#leadsUntil - performance.now());
    if (led) return;
    log.info('leading', { lease: lease.name, holder: self });
    this.#onChange(true);
  }

  #stepDown(): void {
    if (this.#end === undefined) return;
    clearTimeout(this.#end);
    this.#end = undefined;
    this.#options.log.info('no longer leading', { lease: this.#options.lease.name });
    this.#onChange(false);
  }

  async #release(): Promise<void> {
    const wasHeld = this.#end !== undefined;
    this.#stepDown();
    const { lease: name, log } = this.#options;
    if (!wasHeld || this.#lease === undefined) return;
    try {
      const claim = this.#claim('', false, this.#lease.transitions);
      await this.#leases.write(name, this.#lease, claim, AbortSignal.timeout(RELEASE_TIMEOUT_MS));
    } catch (error) {
      log.debug('the lease could not be given back and runs out by itself', { lease: name.name, error });
    }
  }

  #failed(error: unknown, failures: number): void {
    const fields = { lease: this.#options.lease.name, error };
    if (failures === 1) this.#options.log.warn('the lease cannot be read or written; trying again', fields);
    else this.#options.log.debug('the lease still cannot be read or written', fields);
  }
}
