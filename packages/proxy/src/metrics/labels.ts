/** Labels in the order they are written. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/** `a="1",b="2"`, values escaped as the text format asks. */
export function renderLabels(pairs: LabelPairs): string {
  let text = '';
  for (const [name, value] of pairs) text += `${text === '' ? '' : ','}${name}="${escapeLabel(value)}"`;
  return text;
}

export function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
    : value;
}

/** Joins two rendered label lists, either of which may be empty. */
export function joinLabels(a: string, b: string): string {
  return a === '' ? b : b === '' ? a : `${a},${b}`;
}

/** The labels of a text that `renderLabels` wrote. */
export function parseLabels(text: string): LabelPairs {
  return Array.from(text.matchAll(/([^=,]+)="((?:[^"\\]|\\.)*)"/g), ([, name = '', value = '']) => [
    name,
    value.replace(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char)),
  ]);
}
