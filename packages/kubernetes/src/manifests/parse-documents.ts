import { parseDocument } from 'yaml';
import type { DocumentProblem } from './problem.ts';

/** One `---` section of a file, as text. */
export interface DocumentText {
  readonly text: string;
  /** Line of the file, from 1, where the text begins. */
  readonly line: number;
}

export type ParsedDocument =
  | { readonly type: 'empty' }
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'broken'; readonly problem: DocumentProblem; readonly line: number };

/** How often an alias may be expanded; a document that needs more is a memory bomb. */
const MAX_ALIASES = 100;

/**
 * Cuts a YAML stream at its document markers. YAML allows no content line to begin with them, so the cut needs
 * no parser, and an edit of one document leaves the texts of the others equal.
 */
export function splitDocuments(stream: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let lines: string[] = [];
  let start = 1;
  const end = (next: number) => {
    if (lines.some((line) => line.trim() !== '' && !line.startsWith('#') && !line.startsWith('%')))
      documents.push({ text: lines.join('\n'), line: start });
    lines = [];
    start = next;
  };
  stream.split(/\r?\n/).forEach((line, i) => {
    const marker = /^(?:---|\.\.\.)(?=\s|$)(.*)/.exec(line);
    if (marker === null) {
      lines.push(line);
      return;
    }
    end(i + 1);
    lines.push(marker[1] ?? '');
  });
  end(0);
  return documents;
}

/** Parses one document, JSON or YAML 1.2. */
export function parseText({ text, line }: DocumentText): ParsedDocument {
  if (text.trimStart().startsWith('{')) {
    try {
      return { type: 'value', value: JSON.parse(text) };
    } catch {
      // Not JSON, but it may be YAML in flow style.
    }
  }
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const at = line + (error.linePos?.[0].line ?? 1) - 1;
    const what = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.code;
    return { type: 'broken', line: at, problem: { code: 'syntax', field: '', message: what } };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return value === null || value === undefined ? { type: 'empty' } : { type: 'value', value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { type: 'broken', line, problem: { code: 'syntax', field: '', message } };
  }
}
