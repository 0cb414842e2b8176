import { InstallError } from './install-error.ts';

/** Says, where the user ended `work` early, what that means for the cluster; the innermost word counts. */
export async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal, message: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!signal.aborted || cause instanceof InstallError) throw cause;
    throw new InstallError('interrupted', `interrupted: ${message}`, cause);
  }
}
