const domain = /^[a-z0-9._-]{1,255}$/;
const segment = /^[A-Za-z0-9._-]+$/;

/** `spiffe://cluster.local/ns/shop/sa/orders` (SPIFFE ID, section 2). */
export function parseSpiffeId(text: string): string {
  const [trustDomain = '', ...path] = text.startsWith('spiffe://') ? text.slice(9).split('/') : [];
  const wellFormed = path.every((part) => segment.test(part) && part !== '.' && part !== '..');
  if (!domain.test(trustDomain) || path.length === 0 || !wellFormed || text.length > 2048)
    throw new Error('not a SPIFFE id such as spiffe://cluster.local/orders');
  return text;
}

/** The path in `unix:///run/agent.sock`, `unix:/run/agent.sock` or `/run/agent.sock`. */
export function parseUnixSocket(text: string): string {
  const path = text.trim().replace(/^unix:(\/\/)?(?=\/)/, '');
  if (!path.startsWith('/')) throw new Error('not a Unix socket such as unix:///run/spire/agent.sock');
  if (Buffer.byteLength(path) > 107) throw new Error('the path is longer than a Unix socket may have');
  return path;
}
