/** At most this many causes are followed: a chain that loops still ends. */
const maxCauses = 8;

/** `message (code)`, then each cause after a colon. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < maxCauses; depth += 1) {
    if (!(current instanceof Error)) {
      parts.push(String(current));
      break;
    }
    const code = 'code' in current && typeof current.code === 'string' ? ` (${current.code})` : '';
    parts.push(`${current.message || current.name}${code}`);
    current = current.cause;
  }
  return parts.join(': ');
}
