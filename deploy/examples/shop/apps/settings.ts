/** A variable of the environment; the error names the one that is missing. */
export function setting(name: string, fallback?: string): string {
  const value = process.env[name] ?? fallback;
  if (value === undefined) throw new Error(`the variable ${name} is not set`);
  return value;
}
