import type { Marks } from '../terminal/marks.ts';

/** What became of one object. */
export interface InjectReport {
  /** Lower-case; empty where the document had none. */
  readonly kind: string;
  readonly name: string;
  readonly outcome: 'injected' | 'annotated' | 'skipped';
  readonly isAnnotatable: boolean;
  readonly hostNetwork: boolean;
  readonly sidecar: boolean;
  readonly disabled: boolean;
  readonly udp: boolean;
  readonly noToken: boolean;
}

/** The report of a document in which there is no object, and the base of all others. */
export const noObject: InjectReport = {
  kind: '',
  name: '',
  outcome: 'skipped',
  isAnnotatable: false,
  hostNetwork: false,
  sidecar: false,
  disabled: false,
  udp: false,
  noToken: false,
};

export interface ReportOptions {
  /** Also say what is in order. */
  readonly verbose: boolean;
  readonly marks: Marks;
}

/** What the user reads after the documents, line by line as Linkerd's `inject` prints it. */
export function renderReport(reports: readonly InjectReport[], { verbose, marks }: ReportOptions): string {
  const lines: string[] = [];
  let warned = false;
  const named = (holds: (report: InjectReport) => boolean) =>
    reports.filter(holds).map(({ kind, name }) => `${kind}/${name}`);
  const finding = (warning: string | undefined, inOrder: string) => {
    if (warning !== undefined) lines.push(`${marks.warning} ${warning}`);
    else if (verbose) lines.push(`${marks.ok} ${inOrder}`);
    warned ||= warning !== undefined;
  };
  const about = (names: string[], text: (list: string, count: number) => string) =>
    names.length === 0 ? undefined : text(names.join(', '), names.length);

  finding(
    about(
      named(({ hostNetwork }) => hostNetwork),
      (list) => `"hostNetwork: true" detected in ${list}`,
    ),
    'pods do not use host networking',
  );
  finding(
    about(
      named(({ sidecar }) => sidecar),
      (list) => `known 3rd party sidecar detected in ${list}`,
    ),
    'pods do not have a 3rd party proxy or initContainer already injected',
  );
  finding(
    about(
      named(({ disabled }) => disabled),
      (list) => `"linkerd.io/inject: disabled" annotation set on ${list}`,
    ),
    'pods are not annotated to disable injection',
  );
  finding(
    reports.some(({ outcome, isAnnotatable }) => outcome === 'injected' || isAnnotatable)
      ? undefined
      : 'no supported objects found',
    'at least one resource can be injected or annotated',
  );
  finding(
    about(
      named(({ udp }) => udp),
      (list, count) => `${list} ${count > 1 ? 'use' : 'uses'} "protocol: UDP"`,
    ),
    'pod specs do not include UDP ports',
  );
  if (verbose && !reports.some(({ noToken }) => noToken)) {
    lines.push(
      `${marks.ok} pods do not have automountServiceAccountToken set to "false" or service account token projection is enabled`,
    );
  }
  if (verbose || warned) lines.push('');
  for (const { kind, name, outcome } of reports) {
    lines.push(kind === '' ? 'document missing "kind" field, skipped' : `${kind} "${name}" ${outcome}`);
  }
  return `\n${lines.map((line) => `${line}\n`).join('')}\n`;
}
