import type { Family } from './family.ts';
import type { Registry } from './registry.ts';
import type { Series } from './series.ts';
import { type FamilyNumbers, type SeriesNumbers, seriesOf } from './snapshot.ts';

/** Several threads' numbers of one family. */
interface MergedFamily {
  /** By thread, as it told them last. */
  readonly threads: Map<number, SeriesNumbers>;
  /**
   * What threads had counted in series that they have dropped since, as long as another thread has them:
   * a sum that is shown must not become less.
   */
  readonly retired: Map<string, Float64Array>;
}

/** The metrics of a process whose threads count each for itself. Families are those of `registry`. */
export class MergedMetrics {
  readonly #registry: Registry;
  readonly #families = new Map<string, MergedFamily>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Takes what a thread tells; until it tells more, this stands. */
  update(thread: number, snapshot: readonly FamilyNumbers[]): void {
    for (const numbers of snapshot) {
      const family = this.#family(keyOf(numbers));
      const next = seriesOf(numbers);
      for (const [labels, values] of family.threads.get(thread) ?? []) {
        if (!next.has(labels)) add(family.retired, labels, values, false);
      }
      family.threads.set(thread, next);
      forgetUnheld(family);
    }
  }

  /** The text of one scrape. */
  render(): string {
    const out: string[] = [];
    for (const family of this.#registry.families()) family.writeNumbers(out, this.#merge(family));
    out.push('# EOF\n');
    return out.join('');
  }

  #merge(family: Family<Series>): SeriesNumbers {
    const { threads, retired } = this.#family(keyOf(family.options));
    const max = family.options.across === 'max';
    const merged = new Map<string, Float64Array>();
    for (const all of threads.values()) for (const [labels, values] of all) add(merged, labels, values, max);
    if (family.cumulative) for (const [labels, values] of retired) add(merged, labels, values, false);
    return merged;
  }

  #family(key: string): MergedFamily {
    let family = this.#families.get(key);
    if (family === undefined) {
      family = { threads: new Map(), retired: new Map() };
      this.#families.set(key, family);
    }
    return family;
  }
}

const keyOf = ({ style, name }: { style: string; name: string }): string => `${style} ${name}`;

function add(to: Map<string, Float64Array>, labels: string, values: Float64Array, max: boolean): void {
  const sum = to.get(labels);
  if (sum === undefined) {
    to.set(labels, values.slice());
    return;
  }
  for (let i = 0; i < sum.length; i++) {
    const [before = 0, more = 0] = [sum[i], values[i]];
    sum[i] = max ? Math.max(before, more) : before + more;
  }
}

/** A series that no thread has any more is over; should it come back, it begins anew. */
function forgetUnheld({ retired, threads }: MergedFamily): void {
  for (const labels of retired.keys()) {
    if (![...threads.values()].some((series) => series.has(labels))) retired.delete(labels);
  }
}
