/** `---` at the beginning of a line, with nothing but blanks or a comment behind it. */
const SEPARATOR = /^---\s*(#.*)?$/;

/**
 * Cuts a stream into its documents, as text that ends with a line feed. A separator met while nothing has been
 * collected begins the next document, so that a leading one, or two in a row, add no empty document; anything
 * that is collected, even one blank line, is a document. This is how kubectl's own reader cuts.
 */
export function splitDocuments(stream: string): string[] {
  const documents: string[] = [];
  let collected: string[] = [];
  const end = () => {
    if (collected.length > 0) documents.push(`${collected.join('\n')}\n`);
    collected = [];
  };
  const lines = stream.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    if (SEPARATOR.test(line) && collected.length > 0) end();
    else collected.push(line);
  }
  end();
  return documents;
}
