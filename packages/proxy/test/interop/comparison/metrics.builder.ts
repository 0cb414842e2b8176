/** What a proxy shows in its metrics. */
export interface Metrics {
  /** The type of each family, by its name. */
  readonly types: ReadonlyMap<string, string>;
  /** The value of each series, by its name and labels as they are written; buckets are left out. */
  readonly series: ReadonlyMap<string, number>;
}

/** Reads the text format. */
export function readMetrics(text: string): Metrics {
  const types = new Map<string, string>();
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ')) {
      const [name = '', type = ''] = line.slice('# TYPE '.length).split(' ');
      types.set(name, type);
    } else if (line !== '' && !line.startsWith('#') && !/_(bucket|sum)[{ ]/.test(line)) {
      const at = line.lastIndexOf(' ');
      series.set(line.slice(0, at), Number(line.slice(at + 1)));
    }
  }
  return { types, series };
}
