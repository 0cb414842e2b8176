/** Rows below their headings, two blanks between columns. Numbers are aligned to the right. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[], aligned: readonly (string | number)[]) =>
    cells
      .map((cell, column) =>
        typeof aligned[column] === 'number'
          ? String(cell).padStart(widths[column]!)
          : String(cell).padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return [line(headings, rows[0] ?? headings), ...rows.map((row) => line(row, row))]
    .map((text) => `${text}\n`)
    .join('');
}
