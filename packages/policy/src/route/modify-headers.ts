import type { HeaderModifier } from './filter.ts';

/** Changes the header list in place: adds, then sets (leaving one field of that name), then removes. */
export function modifyHeaders(modifier: HeaderModifier, headers: string[]): void {
  headers.push(...modifier.add);
  for (let i = 0; i < modifier.set.length; i += 2) {
    removeField(headers, modifier.set[i]!);
    headers.push(modifier.set[i]!, modifier.set[i + 1]!);
  }
  for (const name of modifier.remove) removeField(headers, name);
}

function removeField(headers: string[], name: string): void {
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === name) continue;
    headers[kept] = headers[i]!;
    headers[kept + 1] = headers[i + 1]!;
    kept += 2;
  }
  headers.length = kept;
}
