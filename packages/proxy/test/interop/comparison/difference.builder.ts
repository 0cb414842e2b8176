import type { Metrics } from './metrics.builder.ts';
import type { Observed } from './observed.builder.ts';

/** Something that is not the same with both proxies. */
export interface Difference {
  readonly of: 'answers' | 'families' | 'series';
  /** What was asked, or the name of the family. */
  readonly subject: string;
  /** What of it: a field of the answer, `type`, `labels` (their names), or the labels of a series. */
  readonly detail: string;
  /** As it is with each; null where it is not there. */
  readonly linkerd: string | null;
  readonly weft: string | null;
}

export const text = ({ subject, detail, linkerd, weft }: Difference): string =>
  `${subject} ${detail}: Linkerd ${linkerd ?? 'has none'}, Weft ${weft ?? 'has none'}`;

/** The fields in which two answers to the same request differ. */
export function compareAnswers(subject: string, linkerd: Observed, weft: Observed): Difference[] {
  const fields = new Set([...Object.keys(linkerd), ...Object.keys(weft)]);
  return [...fields]
    .map((detail) => ({
      of: 'answers' as const,
      subject,
      detail,
      linkerd: linkerd[detail] ?? null,
      weft: weft[detail] ?? null,
    }))
    .filter((difference) => difference.linkerd !== difference.weft);
}

/** Values that say how long something took, how big it was, or how the process is. */
const measured =
  /^(process_|control_|tcp_open_connections|proxy_build_info|.*(_seconds|_bytes|_ms)(_total)?$|.*_balancer_)/;

/** Asked by whoever waits for a proxy to be ready, as often as that takes. */
const ofReadiness = (series: string): boolean => series.includes('port="4191"');

/** Families, the names of their labels, the series that have counted something, and how much. */
export function compareMetrics(linkerd: Metrics, weft: Metrics): Difference[] {
  const differences: Difference[] = [];
  const differ = (
    of: Difference['of'],
    subject: string,
    detail: string,
    l: string | null,
    w: string | null,
  ) => {
    if (l !== w) differences.push({ of, subject, detail, linkerd: l, weft: w });
  };
  const theirs = told(linkerd);
  const ours = told(weft);
  for (const family of new Set([...theirs.keys(), ...ours.keys()])) {
    const [l, w] = [theirs.get(family), ours.get(family)];
    differ('families', family, 'type', l?.type ?? null, w?.type ?? null);
    if (l === undefined || w === undefined) continue;
    differ('families', family, 'labels', labelNames(l.series), labelNames(w.series));
    for (const series of new Set([...l.series.keys(), ...w.series.keys()]))
      differ('series', family, series, shown(l.series, series), shown(w.series, series));
  }
  return differences;
}

function shown(values: ReadonlyMap<string, number>, series: string): string | null {
  const value = values.get(series);
  if (value === undefined) return null;
  return measured.test(series.replace(/\{.*/, '')) || ofReadiness(series) ? 'a value' : String(value);
}

interface Told {
  readonly type: string;
  readonly series: Map<string, number>;
}

/** The families that have something to tell, each with the series that have counted anything. */
function told({ types, series }: Metrics): Map<string, Told> {
  const families = new Map<string, Told>();
  for (const [key, value] of series) {
    if (value === 0) continue;
    const name = key.replace(/\{.*/, '');
    const family = [name, name.replace(/_total$/, ''), name.replace(/_count$/, '')].find((each) =>
      types.has(each),
    );
    if (family === undefined) continue;
    const known = families.get(family) ?? { type: types.get(family) ?? '', series: new Map() };
    families.set(family, known);
    known.series.set(key, value);
  }
  return families;
}

/** The lists of label names that occur, in the order in which they are written. */
function labelNames(series: ReadonlyMap<string, number>): string {
  const lists = [...series.keys()].map((key) =>
    Array.from(key.matchAll(/[{,]([a-z_]+)="(?:[^"\\]|\\.)*"/g), ([, name]) => name).join(),
  );
  return [...new Set(lists)].sort().join(' | ');
}
