import type { ManifestProblem, Pod, Resource } from '@weft/kubernetes';
import type { Logger } from '@weft/service';
import type { Reporter } from './answer-context.ts';

/** Logs each finding once for each version of the object, however many answers it is found for. */
export function loggingReporter(logger: Logger): Reporter {
  const said = new WeakMap<object, Set<string>>();
  const isNew = (object: object, reason: string): boolean => {
    const reasons = said.get(object) ?? new Set();
    said.set(object, reasons);
    if (reasons.has(reason)) return false;
    reasons.add(reason);
    return true;
  };
  return {
    unusablePod: (pod: Pod, reason: string) => {
      if (!isNew(pod, reason)) return;
      const { namespace, name } = pod.metadata;
      logger.warn('meshed pod is not usable as an endpoint', { namespace, pod: name, reason });
    },
    unusableObject: (object: Resource, reason: string) => {
      if (!isNew(object, reason)) return;
      const { namespace, name } = object.metadata;
      logger.warn('object is not in force', { kind: object.kind, namespace, name, reason });
    },
  };
}

/** How many broken documents are logged one by one; the count is logged always. */
const MAX_LOGGED_PROBLEMS = 20;

/** Logs what is broken in a directory, and when nothing is any more. */
export function logManifestProblems(
  logger: Logger,
  directory: string,
  problems: readonly ManifestProblem[],
): void {
  if (problems.length === 0) {
    logger.info('all manifests are in force', { directory });
    return;
  }
  for (const { file, document, line, field, code, message } of problems.slice(0, MAX_LOGGED_PROBLEMS))
    logger.warn('manifest is not in force as written', {
      file,
      document,
      line,
      field,
      code,
      problem: message,
    });
  if (problems.length > MAX_LOGGED_PROBLEMS)
    logger.warn('more manifests are not in force as written', { directory, problems: problems.length });
}
