let second = -1;
let text = '';

/** The time as the Date field has it (RFC 9110 section 5.6.7), made once a second. */
export function httpDate(milliseconds: number): string {
  const now = Math.floor(milliseconds / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
