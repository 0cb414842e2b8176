import { isDnsName } from './dns-name.ts';
import { splitList } from './list.ts';

/** DNS names in lower case that end in a dot; '.' matches every name. */
export function parseSuffixes(text: string): string[] {
  const suffixes = splitList(text).map((item) => item.toLowerCase());
  for (const suffix of suffixes) {
    if (suffix !== '.' && !isDnsName(suffix))
      throw new Error(`${JSON.stringify(suffix)} is not a DNS suffix`);
  }
  return [...new Set(suffixes.map((suffix) => (suffix.endsWith('.') ? suffix : `${suffix}.`)))];
}
