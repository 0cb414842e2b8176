import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Everything in Markdown that is written for people. */
export function readPages(): Page[] {
  const paths = globSync(['*.md', 'docs/*.md', 'deploy/**/*.md'], {
    cwd: ROOT,
    exclude: (name) => name.endsWith('node_modules'),
  });
  return paths.sort().map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** What the programs and charts are made of, tests left out, as one text to look names up in. */
export function readSources(): string {
  const paths = globSync(['packages/*/src/**/*.ts', 'deploy/charts/*/**/*.{yaml,tpl}'], { cwd: ROOT });
  return paths
    .filter((path) => !path.endsWith('.spec.ts') && !path.endsWith('.builder.ts'))
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n');
}

/** `page: text` of each match of a pattern in the pages; the group named `it` where there is one. */
export function mentions(pages: readonly Page[], pattern: RegExp): { page: string; name: string }[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ page: path, name: match.groups?.it ?? match[0] })),
  );
}

/** Anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): Set<string> {
  const headings = withoutCode(text).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Links of a page to others of the repository: where they lead, from its root, and to which heading. */
export function linksOf({ path, text }: Page): { target: string; anchor: string | undefined }[] {
  return [...withoutCode(text).matchAll(/\]\((?<to>[^)\s]+)\)/g)]
    .map((match) => match.groups!.to!)
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [file, anchor] = to.split('#');
      const target = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file!));
      return { target, anchor };
    });
}

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/^ {4}.*$/gm, '');

/** Every call of `weft` in the pages, as its words, up to a pipe or the end of the code. */
export function callsOfWeft(pages: readonly Page[]): { page: string; words: string[] }[] {
  return pages.flatMap(({ path, text }) => {
    const joined = text.replace(/ \\\n\s+/g, ' ');
    const calls = joined.matchAll(/(?:^ {4,}(?:\$ )?|[`|] ?|\| )weft (?<it>[a-z][^`\n|;]*)/gm);
    return [...calls].map((match) => ({ page: path, words: match.groups!.it!.trim().split(/\s+/) }));
  });
}
