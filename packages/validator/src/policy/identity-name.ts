const SPIFFE = 'spiffe://';

/** Lower-case DNS labels, the first of which may be `*`. */
const DNS_NAME = /^(\*|[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*$/;

/** Says what is wrong with the name of an identity; undefined for one that a certificate can carry. */
export function identityProblem(text: string): string | undefined {
  if (text.startsWith(SPIFFE)) return spiffeProblem(text.slice(SPIFFE.length));
  if (DNS_NAME.test(text)) return undefined;
  return 'must be * or lower-case DNS labels, the first of which may be *, or an id that begins with spiffe://';
}

function spiffeProblem(rest: string): string | undefined {
  const [trustDomain = '', ...segments] = rest.split('/');
  if (trustDomain === '') return 'has no trust domain';
  if (!/^[a-z0-9._-]+$/.test(trustDomain)) return 'has a trust domain of other characters than a-z 0-9 . _ -';
  if (segments.length > 0 && segments.at(-1) === '') return 'ends with a slash';
  for (const segment of segments) {
    if (segment === '') return 'has an empty path segment';
    if (segment === '.' || segment === '..') return 'has a path segment that is . or ..';
    if (!/^[A-Za-z0-9._-]+$/.test(segment)) return 'has a path of other characters than A-Z a-z 0-9 . _ -';
  }
  return undefined;
}
