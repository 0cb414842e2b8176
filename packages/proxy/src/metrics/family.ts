import { joinLabels } from './labels.ts';
import { Counter, Gauge, Histogram, type Series } from './series.ts';

/**
 * `legacy` families are named as they are written and vanish when empty; `registry` families follow
 * OpenMetrics (counters get `_total`, the unit is a suffix and a line of its own).
 */
export interface FamilyOptions {
  readonly name: string;
  readonly help: string;
  readonly style: 'legacy' | 'registry';
  readonly unit?: 'seconds' | 'bytes';
  /** Series beyond this many share one whose labels are all `other`. */
  readonly budget: number;
  /** Idle series are dropped after a scrape (legacy HTTP and transport families). */
  readonly evicted?: boolean;
}

export abstract class Family<S extends Series> {
  readonly options: FamilyOptions;
  readonly #series = new Map<string, S>();
  /** Lookups that met a full family and were given the shared `other` series. */
  overflow = 0;

  constructor(options: FamilyOptions) {
    this.options = options;
  }

  protected abstract create(): S;
  protected abstract writeSeries(out: string[], labels: string, series: S): void;
  protected abstract readonly type: 'counter' | 'gauge' | 'histogram';

  get size(): number {
    return this.#series.size;
  }

  /** The series of these rendered labels; keep it rather than ask per request. */
  with(labels: string): S {
    let series = this.#series.get(labels);
    if (series === undefined) {
      const full = this.#series.size >= this.options.budget;
      const key = full ? labels.replace(/="(?:[^"\\]|\\.)*"/g, '="other"') : labels;
      if (full) this.overflow++;
      series = this.#series.get(key);
      if (series === undefined) {
        series = this.create();
        this.#series.set(key, series);
      }
    }
    return series;
  }

  /** The name in the text, with its unit. */
  get fullName(): string {
    return this.options.unit === undefined ? this.options.name : `${this.options.name}_${this.options.unit}`;
  }

  write(out: string[]): void {
    if (this.#series.size === 0 && this.options.style === 'legacy') return;
    const name = this.fullName;
    out.push(`# HELP ${name} ${this.options.help}\n# TYPE ${name} ${this.type}\n`);
    if (this.options.unit !== undefined) out.push(`# UNIT ${name} ${this.options.unit}\n`);
    for (const [labels, series] of this.#series) this.writeSeries(out, labels, series);
  }

  /** Drops series without users that have not changed since before `deadline` (milliseconds). */
  evict(now: number, retainMs: number): void {
    if (!this.options.evicted) return;
    for (const [labels, series] of this.#series) {
      const fingerprint = series.fingerprint();
      if (fingerprint !== series.seen) {
        series.seen = fingerprint;
        series.changedAt = now;
      } else if (series.users === 0 && now - series.changedAt >= retainMs) {
        this.#series.delete(labels);
      }
    }
  }
}

const braces = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

export class CounterFamily extends Family<Counter> {
  protected override readonly type = 'counter';
  protected override create(): Counter {
    return new Counter();
  }
  protected override writeSeries(out: string[], labels: string, series: Counter): void {
    const suffix = this.options.style === 'registry' ? '_total' : '';
    out.push(`${this.fullName}${suffix}${braces(labels)} ${series.value}\n`);
  }
}

export class GaugeFamily extends Family<Gauge> {
  protected override readonly type = 'gauge';
  protected override create(): Gauge {
    return new Gauge();
  }
  protected override writeSeries(out: string[], labels: string, series: Gauge): void {
    out.push(`${this.fullName}${braces(labels)} ${series.value}\n`);
  }
}

export class HistogramFamily extends Family<Histogram> {
  protected override readonly type = 'histogram';
  readonly #bounds: readonly number[];

  constructor(options: FamilyOptions, bounds: readonly number[]) {
    super(options);
    this.#bounds = bounds;
  }

  protected override create(): Histogram {
    return new Histogram(this.#bounds);
  }

  protected override writeSeries(out: string[], labels: string, series: Histogram): void {
    const name = this.fullName;
    out.push(`${name}_sum${braces(labels)} ${series.sum}\n${name}_count${braces(labels)} ${series.count}\n`);
    let cumulative = 0;
    for (let i = 0; i <= this.#bounds.length; i++) {
      cumulative += series.buckets[i];
      const le = i < this.#bounds.length ? this.#bound(this.#bounds[i]) : '+Inf';
      out.push(`${name}_bucket{${joinLabels(labels, `le="${le}"`)}} ${cumulative}\n`);
    }
  }

  /** OpenMetrics writes whole bounds with a fraction, the older format does not. */
  #bound(bound: number): string {
    return this.options.style === 'registry' && Number.isInteger(bound) ? `${bound}.0` : String(bound);
  }
}
