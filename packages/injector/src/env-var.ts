/** One entry of a container's `env`. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

/** Adds `later` to `earlier`: an entry of the same name is replaced where it stands, new names are appended. */
export function mergeEnv(earlier: readonly EnvVar[], later: readonly EnvVar[]): readonly EnvVar[] {
  const byName = new Map(earlier.map((entry) => [entry.name, entry]));
  for (const entry of later) byName.set(entry.name, entry);
  return [...byName.values()];
}
