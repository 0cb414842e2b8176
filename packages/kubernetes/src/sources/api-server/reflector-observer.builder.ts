import { keyText } from '../source.ts';
import type { ReflectorObserver } from './reflector-observer.ts';

/** Notes what happens as words: `listed Pod 2`. */
export function aRecordingObserver(): ReflectorObserver & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    absent: (kind) => void said.push(`absent ${kind}`),
    listed: (kind, objects) => void said.push(`listed ${kind} ${objects}`),
    restarted: (kind, reason) => void said.push(`${reason} ${kind}`),
    stalled: (kind, changes) => void said.push(`stalled ${kind} ${changes}`),
    failed: (kind, error, failures) =>
      void said.push(`failed ${kind} ${failures} ${(error as { code?: string }).code}`),
    recovered: (kind) => void said.push(`recovered ${kind}`),
    malformed: (kind, key, problems) =>
      void said.push(
        `malformed ${key === undefined ? kind : keyText(key)}: ${problems.map(({ field }) => field).join()}`,
      ),
    mended: (_kind, key, how) => void said.push(`mended ${keyText(key)}: ${how}`),
  };
}
