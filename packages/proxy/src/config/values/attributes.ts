/** Lines `key="value"` or `key=value`. */
export function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals < 1) continue;
    const value = line.slice(equals + 1).trim();
    const quoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
    attributes.set(line.slice(0, equals).trim(), quoted ? value.slice(1, -1).replaceAll('\\"', '"') : value);
  }
  return attributes;
}
