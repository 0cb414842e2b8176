import { CounterFamily, type Family, type FamilyOptions, GaugeFamily, HistogramFamily } from './family.ts';
import type { Series } from './series.ts';
import type { FamilyNumbers } from './snapshot.ts';

type Described = Omit<FamilyOptions, 'name' | 'help' | 'style' | 'budget'> & { readonly budget?: number };

/** Series a family may hold before the rest share one labelled `other`. */
const defaultBudget = 10_000;

/** All families of a process, written in the order in which they were declared: legacy ones first. */
export class Registry {
  readonly #legacy: Family<Series>[] = [];
  readonly #registry: Family<Series>[] = [];
  readonly #collectors: (() => void)[] = [];
  readonly #retainMs: number;

  /** `retainIdleMs`: how long an unused series of an evicted family is kept (METRICS_RETAIN_IDLE). */
  constructor(retainIdleMs: number) {
    this.#retainMs = retainIdleMs;
  }

  counter(style: FamilyOptions['style'], name: string, help: string, options: Described = {}): CounterFamily {
    return this.#add(new CounterFamily({ budget: defaultBudget, ...options, style, name, help }));
  }

  gauge(style: FamilyOptions['style'], name: string, help: string, options: Described = {}): GaugeFamily {
    return this.#add(new GaugeFamily({ budget: defaultBudget, ...options, style, name, help }));
  }

  histogram(
    style: FamilyOptions['style'],
    name: string,
    help: string,
    bounds: readonly number[],
    options: Described = {},
  ): HistogramFamily {
    return this.#add(new HistogramFamily({ budget: defaultBudget, ...options, style, name, help }, bounds));
  }

  /** Called before each scrape, to bring gauges up to date. */
  collect(collector: () => void): void {
    this.#collectors.push(collector);
  }

  /** The text of one scrape; series that went idle are dropped afterwards. */
  render(now: number): string {
    const out: string[] = [];
    this.#look(now, (family) => family.write(out));
    out.push('# EOF\n');
    return out.join('');
  }

  /** The same as numbers, for a scrape that is put together elsewhere. */
  snapshot(now: number): FamilyNumbers[] {
    const all: FamilyNumbers[] = [];
    this.#look(now, (family) => all.push(family.numbers()));
    return all;
  }

  /** In the order in which they are written. */
  *families(): IterableIterator<Family<Series>> {
    yield* this.#legacy;
    yield* this.#registry;
  }

  /** Lookups answered with a shared `other` series because a family was full. */
  get overflow(): number {
    let sum = 0;
    for (const family of this.families()) sum += family.overflow;
    return sum;
  }

  #look(now: number, see: (family: Family<Series>) => void): void {
    for (const collector of this.#collectors) collector();
    for (const family of this.families()) see(family);
    for (const family of this.families()) family.evict(now, this.#retainMs);
  }

  #add<F extends Family<Series>>(family: F): F {
    (family.options.style === 'legacy' ? this.#legacy : this.#registry).push(family);
    return family;
  }
}
