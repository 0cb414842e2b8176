/** The items of a comma-separated list without the blanks around them; empty items are skipped. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
