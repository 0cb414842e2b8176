import { setTimeout as pause } from 'node:timers/promises';
import { type Authority, issuerSecret } from '../harness/credentials.ts';
import type { Mesh } from '../harness/mesh.ts';
import { waitFor } from '../harness/wait-for.ts';
import { CHURNED, writeGuests } from './manifests.ts';

/** How often what changes, in milliseconds. */
export interface Pace {
  readonly replicas: number;
  readonly policy: number;
  /** A service of the control plane is killed and started again, destination and identity in turn. */
  readonly restart: number;
  readonly issuer: number;
}

/** How often what was changed. */
export interface Changes {
  scaled: number;
  policyEdits: number;
  restarts: number;
  issuers: number;
}

const REPLICAS = [1, 3] as const;
const SERVICES = [
  ['linkerd-destination', 'destination'],
  ['linkerd-identity', 'identity'],
] as const;

/** By then every proxy has found its way back to a service that was away: they try every 3 s at the latest. */
const RECONNECTED_MS = 8000;
const RESTARTED_MS = 60_000;

/** Changes a running mesh again and again, until it is stopped. */
export class Churn {
  readonly changes: Changes = { scaled: 0, policyEdits: 0, restarts: 0, issuers: 0 };
  readonly #mesh: Mesh;
  readonly #authority: Authority;
  #timers: readonly NodeJS.Timeout[] = [];
  /** The changes that exclude each other, one after the other. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  readonly #failures: string[] = [];

  constructor(mesh: Mesh, authority: Authority, pace: Pace) {
    this.#mesh = mesh;
    this.#authority = authority;
    this.setPace(pace);
  }

  setPace(pace: Pace): void {
    this.#clear();
    this.#timers = [
      setInterval(() => this.#inTurn(() => this.#scale()), pace.replicas),
      setInterval(() => this.#editPolicy(), pace.policy),
      setInterval(() => this.#inTurn(() => this.#restart()), pace.restart),
      setInterval(() => this.#replaceIssuer(), pace.issuer),
    ];
  }

  /** Resolves when no change is under way any more, with what became of those that failed. */
  async stop(): Promise<readonly string[]> {
    this.#clear();
    await this.#last;
    return this.#failures;
  }

  #clear(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /**
   * Of endpoints that end while no one can tell of it, clients do not hear: requests for them would fail, whatever
   * proxies do. So replicas change only while the control plane is there. What comes too often is left out.
   */
  #inTurn(change: () => Promise<void>): void {
    if (this.#waiting > 1) return;
    this.#waiting += 1;
    this.#last = this.#last
      .then(change)
      .catch((error: Error) => void this.#failures.push(error.message))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #scale(): Promise<void> {
    this.changes.scaled += 1;
    const replicas = REPLICAS[this.changes.scaled % 2]!;
    this.#mesh.folder.scale(CHURNED, replicas);
    await this.#mesh.scaled(CHURNED, replicas);
  }

  #editPolicy(): void {
    this.changes.policyEdits += 1;
    writeGuests(this.#mesh.folder, this.changes.policyEdits % 2 === 1);
  }

  async #restart(): Promise<void> {
    const [workload, container] = SERVICES[this.changes.restarts % SERVICES.length]!;
    this.changes.restarts += 1;
    const before = this.#mesh.pod(workload).containers[0]!.restarts;
    await this.#mesh.kill(workload, container);
    await waitFor(`${workload} is back`, RESTARTED_MS, () =>
      this.#mesh.pods(workload).some(({ ready, containers }) => ready && containers[0]!.restarts > before),
    );
    await pause(RECONNECTED_MS);
  }

  #replaceIssuer(): void {
    this.changes.issuers += 1;
    this.#mesh.folder.write('issuer.yaml', issuerSecret(this.#authority.issuer()));
  }
}
