import type { Parsed } from '../parse/parsed.ts';
import type { Settings } from '../settings.ts';

/** What a rule may ask about the pod it configures. */
export interface PodFacts {
  readonly namedPorts: ReadonlyMap<string, number>;
}

/** Lays one annotation's text over the settings; answers what was wrong with it. */
export type Apply = (settings: Settings, text: string, pod: PodFacts) => readonly string[];

export interface AnnotationRule {
  readonly key: string;
  /** `namespace`: a pod takes the namespace's value where it has none of its own. `pod`: only the pod's counts. */
  readonly scope: 'namespace' | 'pod';
  readonly apply: Apply;
  /** Keys that switch this one off by being present. */
  readonly yieldsTo?: readonly string[];
  /** Both layers are applied, the namespace's first, instead of one replacing the other. */
  readonly cumulative?: boolean;
}

/** A value that is not understood leaves the settings as they were. */
export function read<T>(
  parse: (text: string) => Parsed<T>,
  set: (settings: Settings, value: T) => void,
): Apply {
  return (settings, text) => {
    const result = parse(text);
    if (!result.ok) return [`${quote(text)} is not ${result.problem}; ignored`];
    set(settings, result.value);
    return [];
  };
}

/** A user's text inside a message: escaped and cut to a readable length. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
