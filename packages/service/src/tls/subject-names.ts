import type { X509Certificate } from 'node:crypto';

export interface SubjectName {
  readonly kind: 'dns' | 'uri';
  readonly name: string;
}

// Node writes a name that holds a comma, a quote or a control character as a JSON string, so that
// a certificate cannot make one name look like two.
const entry = /\s*(DNS|URI):("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)|[^,]*(?:,|$)/gy;

/** DNS and URI names of a certificate, in its order. */
export function subjectNames(certificate: X509Certificate): SubjectName[] {
  const text = certificate.subjectAltName ?? '';
  const names: SubjectName[] = [];
  for (const [matched, type, value] of text.matchAll(entry)) {
    if (matched === '') break;
    if (type === undefined || value === undefined) continue;
    const name = value.startsWith('"') ? unquoted(value) : value;
    if (name !== undefined) names.push({ kind: type === 'DNS' ? 'dns' : 'uri', name });
  }
  return names;
}

/** The identity a certificate stands for: its first DNS or URI name; DNS names with a trailing dot do not count. */
export function firstIdentity(certificate: X509Certificate): string | undefined {
  return subjectNames(certificate).find(({ kind, name }) => kind === 'uri' || !name.endsWith('.'))?.name;
}

/** Whether one of the certificate's DNS or URI names is exactly `identity`; DNS names compare without case. */
export function hasIdentity(certificate: X509Certificate, identity: string): boolean {
  const lower = identity.toLowerCase();
  return subjectNames(certificate).some(({ kind, name }) =>
    kind === 'dns' ? name.toLowerCase() === lower : name === identity,
  );
}

function unquoted(value: string): string | undefined {
  try {
    return JSON.parse(value) as string;
  } catch {
    return undefined;
  }
}
