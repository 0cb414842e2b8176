import type { HeaderList } from '../http/message.ts';

/** Whether any Accept-Encoding mentions gzip, in whatever position. */
export function acceptsGzip(headers: HeaderList): boolean {
  return valuesOf(headers, 'accept-encoding').some((value) => value.includes('gzip'));
}

const jsonRanges = new Set(['application/json', 'application/*', '*/*']);

/** Whether JSON is welcome; it is when nothing is said. */
export function acceptsJson(headers: HeaderList): boolean {
  const values = valuesOf(headers, 'accept');
  if (values.length === 0) return true;
  return values
    .flatMap((value) => value.split(','))
    .some((range) => jsonRanges.has(range.split(';', 1)[0].trim().toLowerCase()));
}

function valuesOf(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) values.push(headers[i + 1]);
  return values;
}
