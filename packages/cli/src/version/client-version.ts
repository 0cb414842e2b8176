import { readFileSync } from 'node:fs';

/** The version of this program. */
export function clientVersion(): string {
  const packageJson = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(packageJson) as { version: string }).version;
}
