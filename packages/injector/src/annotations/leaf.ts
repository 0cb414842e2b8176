import { asMilliseconds, asSeconds, parseDuration } from '../parse/duration.ts';
import { type Parsed, parsed } from '../parse/parsed.ts';
import { parseQuantity } from '../parse/quantity.ts';
import { parseBoolean, parseEnabled, parseInt64, parseUint64, parseWord } from '../parse/scalars.ts';
import type { Settings } from '../settings.ts';
import { type Apply, read } from './rule.ts';

/** Dotted paths of a type's members that hold a `T`; free-form mappings have none. */
type PathTo<S, T> = string extends keyof S
  ? never
  : {
      [K in keyof S & string]: S[K] extends T
        ? K
        : S[K] extends object
          ? S[K] extends readonly unknown[]
            ? never
            : `${K}.${PathTo<S[K], T>}`
          : never;
    }[keyof S & string];

function assign<T>(settings: Settings, path: string, value: T): void {
  const members = path.split('.');
  const last = members.pop()!;
  let node = settings as unknown as Record<string, unknown>;
  for (const member of members) node = node[member] as Record<string, unknown>;
  node[last] = value;
}

/** A rule that reads its text with `parse` and puts `show` of the value into one place of the settings. */
function leaf<V, T>(parse: (text: string) => Parsed<V>, show: (value: V) => T) {
  return (path: PathTo<Settings, T>): Apply =>
    read(parse, (settings, value) => assign(settings, path, show(value)));
}

const asIs = <T>(value: T) => value;

/** Used verbatim, whatever it says. */
export const text = leaf<string, string>(parsed, asIs);
export const flag = leaf(parseBoolean, asIs);
/** `enabled` or `disabled`. */
export const enabled = leaf(parseEnabled, asIs);
export const integer = leaf(parseInt64, asIs);
export const unsigned = leaf(parseUint64, asIs);
export const quantity = leaf(parseQuantity, (value) => value.text);
/** A duration in any unit, written for the proxy in milliseconds. */
export const milliseconds = leaf(parseDuration, asMilliseconds);
/** A duration in any unit, cut to whole seconds for the proxy. */
export const seconds = leaf(parseDuration, asSeconds);
export const defaultPolicy = leaf(
  parseWord([
    'all-unauthenticated',
    'all-authenticated',
    'cluster-unauthenticated',
    'cluster-authenticated',
    'deny',
    'audit',
  ]),
  asIs,
);
