import { type CharRanges, negate, posixClasses } from './char-set.ts';
import { parseClassEscape } from './parse-escape.ts';
import type { Scanner } from './scanner.ts';

/** What follows an opening bracket, up to and with its end. */
export function parseBracket(scanner: Scanner): CharRanges {
  const negated = scanner.take('^');
  const ranges: number[] = [];
  let first = true;
  for (;;) {
    if (!first && scanner.take(']')) return negated ? negate(ranges) : ranges;
    first = false;
    if (scanner.take('&&') || scanner.take('--') || scanner.take('~~')) {
      scanner.fail('set operations are not supported');
    }
    if (scanner.take('[')) {
      ranges.push(...parseNested(scanner));
      continue;
    }
    const low = parseItem(scanner);
    // A hyphen last in the brackets stands for itself.
    if (low.length !== 2 || low[0] !== low[1] || !scanner.sees('-')) {
      ranges.push(...low);
      continue;
    }
    scanner.take('-');
    if (scanner.sees(']')) {
      ranges.push(...low, 45, 45);
      continue;
    }
    const high = parseItem(scanner);
    if (high.length !== 2 || high[0] !== high[1] || high[0]! < low[0]!) scanner.fail('bad range');
    ranges.push(low[0]!, high[0]!);
  }
}

function parseItem(scanner: Scanner): CharRanges {
  const char = scanner.next();
  if (char === '\\') return parseClassEscape(scanner);
  const code = char.codePointAt(0)!;
  return [code, code];
}

/** `[:alpha:]`, `[:^alpha:]`, or brackets within brackets. */
function parseNested(scanner: Scanner): CharRanges {
  if (!scanner.take(':')) return scanner.fail('brackets within brackets are not supported');
  const negated = scanner.take('^');
  const name = scanner.takeUntil(':]');
  if (!Object.hasOwn(posixClasses, name)) return scanner.fail('unknown character class');
  return negated ? negate(posixClasses[name]!) : posixClasses[name]!;
}
