const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Whether this is a DNS name in lower case; a dot at the end makes it absolute. */
export function isDnsName(name: string): boolean {
  const relative = name.endsWith('.') ? name.slice(0, -1) : name;
  return (
    relative.length > 0 && relative.length <= 253 && relative.split('.').every((part) => label.test(part))
  );
}

export function parseDnsName(text: string): string {
  const name = text.trim().toLowerCase();
  if (!isDnsName(name)) throw new Error('not a DNS name');
  return name;
}

/** A TLS identity: a DNS name or a URI. */
export function parseIdentity(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    if (!URL.canParse(text)) throw new Error('not a URI');
    return text;
  }
  return parseDnsName(text);
}
