// C0 and C1 controls, the Unicode line separators and bidirectional overrides: what could break a line, or forge one.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Replaces everything that would not print as itself, so that text from a peer stays on its line. */
export function escapeControls(text: string): string {
  return text.replace(
    unprintable,
    (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
