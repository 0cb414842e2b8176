/** A compiled regular expression. Matching takes time linear in the text, whatever the pattern. */
export interface Regex {
  readonly pattern: string;
  /** Whether the whole text matches. */
  matches(text: string): boolean;
}
