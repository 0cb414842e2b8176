import { joinLabels } from './labels.ts';
import { Counter, Gauge, Histogram, type Series } from './series.ts';
import type { FamilyNumbers, SeriesNumbers } from './snapshot.ts';

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
  /** What a series says that several threads have: `sum` unless told; `max` where each has the whole of it. */
  readonly across?: 'sum' | 'max';
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
  /** Numbers that one series has. */
  abstract readonly width: number;

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

  /** Whether what has been counted stays counted when its series goes. */
  get cumulative(): boolean {
    return this.type !== 'gauge';
  }

  write(out: string[]): void {
    if (!this.#writeHead(out, this.#series.size)) return;
    for (const [labels, series] of this.#series) this.writeSeries(out, labels, series);
  }

  /** As `write`, for numbers from elsewhere. */
  writeNumbers(out: string[], all: SeriesNumbers): void {
    if (!this.#writeHead(out, all.size)) return;
    const series = this.create();
    for (const [labels, numbers] of all) {
      series.load(numbers, 0);
      this.writeSeries(out, labels, series);
    }
  }

  /** All its series, to be sent elsewhere. */
  numbers(): FamilyNumbers {
    const { name, style } = this.options;
    const labels = [...this.#series.keys()];
    const values = new Float64Array(labels.length * this.width);
    let at = 0;
    for (const series of this.#series.values()) {
      series.store(values, at);
      at += this.width;
    }
    return { name, style, width: this.width, labels, values };
  }

  /** False for a family that is left out. */
  #writeHead(out: string[], size: number): boolean {
    if (size === 0 && this.options.style === 'legacy') return false;
    const name = this.fullName;
    out.push(`# HELP ${name} ${this.options.help}\n# TYPE ${name} ${this.type}\n`);
    if (this.options.unit !== undefined) out.push(`# UNIT ${name} ${this.options.unit}\n`);
    return true;
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
  override readonly width = 1;
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
  override readonly width = 1;
  protected override create(): Gauge {
    return new Gauge();
  }
  protected override writeSeries(out: string[], labels: string, series: Gauge): void {
    out.push(`${this.fullName}${braces(labels)} ${series.value}\n`);
  }
}

export class HistogramFamily extends Family<Histogram> {
  protected override readonly type = 'histogram';
  override readonly width: number;
  readonly #bounds: readonly number[];

  constructor(options: FamilyOptions, bounds: readonly number[]) {
    super(options);
    this.#bounds = bounds;
    this.width = bounds.length + 3;
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
