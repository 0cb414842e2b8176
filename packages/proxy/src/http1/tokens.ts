/** Whether a comma-separated list holds this (lower-case) token, in any case. */
export function hasToken(list: string, token: string): boolean {
  if (list.length === token.length) return list === token || list.toLowerCase() === token;
  if (list.length < token.length) return false;
  let start = 0;
  while (start <= list.length) {
    let end = list.indexOf(',', start);
    if (end === -1) end = list.length;
    if (list.substring(start, end).trim().toLowerCase() === token) return true;
    start = end + 1;
  }
  return false;
}
