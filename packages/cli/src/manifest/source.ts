import { ManifestError } from './manifest-error.ts';

/** @throws ManifestError where the user named no source of manifests. */
export function requireSource(source: string | undefined): string {
  if (source !== undefined) return source;
  throw new ManifestError('unreadable_input', 'please specify a kubernetes resource file');
}

/** What stands in place of the report when documents could not be transformed. */
export function transformProblems(problems: readonly string[]): string {
  return `Error transforming resources:\n${problems.join('\n')}`;
}
