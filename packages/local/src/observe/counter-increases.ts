import type { Sample } from './prometheus-text.ts';

const seriesKey = ({ name, labels }: Sample) => `${name}${JSON.stringify(labels)}`;

/** By how much the counters of one process have grown since they were last read. */
export class CounterIncreases {
  #last = new Map<string, number>();

  /** The samples that grew, with their increase as value; a counter that fell was begun anew. */
  read(samples: readonly Sample[]): readonly Sample[] {
    const now = new Map<string, number>();
    const grown: Sample[] = [];
    for (const sample of samples) {
      const key = seriesKey(sample);
      const before = this.#last.get(key) ?? 0;
      now.set(key, sample.value);
      const increase = sample.value >= before ? sample.value - before : sample.value;
      if (increase > 0) grown.push({ ...sample, value: increase });
    }
    this.#last = now;
    return grown;
  }
}
