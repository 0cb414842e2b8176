import { shorten } from './headers.ts';
import type { HeaderList } from './message.ts';

/**
 * Removes what concerns only the connection it came on (RFC 9110 section 7.6.1): the fields that
 * Connection names, Connection itself, and its relatives. Messages that leave HTTP keep theirs.
 */
export function stripHopByHop(headers: HeaderList): void {
  let found = false;
  let named: Set<string> | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    if (!isHopByHop(headers[i])) continue;
    found = true;
    if (headers[i] === 'connection') named = addTokens(named, headers[i + 1]);
  }
  if (!found) return;
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    if (isHopByHop(name) || named?.has(name)) continue;
    headers[kept] = name;
    headers[kept + 1] = headers[i + 1];
    kept += 2;
  }
  shorten(headers, kept);
}

function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 7:
      return name === 'upgrade';
    case 10:
      return name === 'connection' || name === 'keep-alive';
    case 16:
      return name === 'proxy-connection';
    default:
      return false;
  }
}

/** What frames the body is never removed by naming it: that would change where the message ends. */
const framing = new Set(['transfer-encoding', 'content-length', 'host']);

function addTokens(named: Set<string> | null, value: string): Set<string> | null {
  if (value === 'keep-alive' || value === 'close') return named;
  let set = named;
  for (const token of value.split(',')) {
    const name = token.trim().toLowerCase();
    if (name === '' || framing.has(name)) continue;
    set ??= new Set();
    set.add(name);
  }
  return set;
}
