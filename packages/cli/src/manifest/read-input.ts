import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ManifestError } from './manifest-error.ts';

/** A source of manifests that has been read. */
export interface ManifestInput {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

const FETCH_TIMEOUT_MS = 30_000;

/** Reads `-` (standard input), an HTTPS URL, a file, or every file below a folder. @throws ManifestError */
export async function readInput(source: string, stdin: NodeJS.ReadableStream): Promise<ManifestInput[]> {
  if (source === '-') return [{ name: 'standard input', text: await text(stdin) }];
  const url = urlOf(source);
  if (url !== undefined) return [{ name: source, text: await download(url) }];
  try {
    const paths = (await stat(source)).isDirectory() ? await filesBelow(source) : [source];
    return await Promise.all(paths.map(async (path) => ({ name: path, text: await readFile(path, 'utf8') })));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ManifestError('unreadable_input', `${source} cannot be read: ${problem}`, cause);
  }
}

/** The files below a folder, whatever they are called, in the order of their names. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    }),
  );
  return nested.flat();
}

function urlOf(source: string): URL | undefined {
  const url = URL.parse(source);
  return url === null || url.host === '' ? undefined : url;
}

async function download(url: URL): Promise<string> {
  if (url.protocol !== 'https:') throw new ManifestError('insecure_url', 'only HTTPS URLs are allowed');
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
    if (!response.url.startsWith('https:'))
      throw new Error(`it leads to ${response.url}, which is not HTTPS`);
    return await response.text();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ManifestError('unreadable_input', `${url.href} cannot be read: ${problem}`, cause);
  }
}
