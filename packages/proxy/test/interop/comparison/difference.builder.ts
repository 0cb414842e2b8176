import type { Metrics } from './metrics.builder.ts';
import type { Observed } from './observed.builder.ts';

/** Something that is not the same with both proxies. */
export interface Difference {
  /** `requests` or `metrics`, what was asked or the name of the family, and what of it. */
  readonly of: 'requests' | 'metrics';
  readonly subject: string;
  readonly detail: string;
  /** As it is with each; null where it is not there. */
  readonly linkerd: string | null;
  readonly weft: string | null;
}

export const text = ({ subject, detail, linkerd, weft }: Difference): string =>
  `${subject}, ${detail}: Linkerd ${linkerd ?? 'has none'}, Weft ${weft ?? 'has none'}`;

/** The fields in which two answers to the same request differ. */
export function compareAnswers(subject: string, linkerd: Observed, weft: Observed): Difference[] {
  const fields = new Set([...Object.keys(linkerd), ...Object.keys(weft)]);
  return [...fields]
    .map((detail) => ({
      of: 'requests' as const,
      subject,
      detail,
      linkerd: linkerd[detail] ?? null,
      weft: weft[detail] ?? null,
    }))
    .filter((difference) => difference.linkerd !== difference.weft);
}

/** Values that say how long something took, how big it was, or how the process is. */
const measured =
  /^(process_|.*_(seconds|bytes|ms)(_total|$)|.*_timestamp_|control_|stack_|tokio_|tcp_open_connections|.*balancer_(p2c_updates|endpoints|queue|p2c_endpoints))/;

/** Whether any series of a family has counted something. */
function tells({ series }: Metrics, name: string): boolean {
  return [...series].some(
    ([key, value]) =>
      value !== 0 && key.replace(/\{.*/, '').replace(/_(total|count)$/, '') === name.replace(/_total$/, ''),
  );
}

/** Families, label sets, and the values of what is counted. */
export function compareMetrics(linkerd: Metrics, weft: Metrics): Difference[] {
  const differences: Difference[] = [];
  const differ = (subject: string, detail: string, l: string | null, w: string | null) => {
    if (l !== w) differences.push({ of: 'metrics', subject, detail, linkerd: l, weft: w });
  };
  for (const name of new Set([...linkerd.types.keys(), ...weft.types.keys()]))
    if (tells(linkerd, name) || tells(weft, name))
      differ(name, 'type', linkerd.types.get(name) ?? null, weft.types.get(name) ?? null);
  const shown = (value: number | undefined, name: string): string | null => {
    // What has counted nothing may as well not be there.
    if (value === undefined || value === 0) return null;
    return measured.test(name) ? 'a value' : String(value);
  };
  for (const series of new Set([...linkerd.series.keys(), ...weft.series.keys()])) {
    const [name = '', ...labels] = series.split('{');
    const family = name.replace(/_(total|count)$/, '');
    const isKnown = (types: Metrics['types']) => types.has(name) || types.has(family);
    // A family that one of them does not know at all has been told of.
    if (!isKnown(linkerd.types) || !isKnown(weft.types)) continue;
    const l = linkerd.series.get(series);
    const w = weft.series.get(series);
    differ(name, `{${labels.join('{')}`, shown(l, name), shown(w, name));
  }
  return differences;
}
