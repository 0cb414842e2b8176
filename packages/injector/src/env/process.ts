import type { EnvVar } from '../env-var.ts';
import type { Settings } from '../settings.ts';
import { optional, setting } from './entries.ts';

/** Worker threads. The deprecated `proxy.cores` fixes their number. */
export function workers({ proxy }: Settings): readonly EnvVar[] {
  const { minimum, maximum, maximumCPURatio } = proxy.runtime.workers;
  if (proxy.cores != null) return [setting('CORES', proxy.cores), setting('CORES_MIN', proxy.cores)];
  if ([minimum, maximum, maximumCPURatio].every((value) => value == null)) return [];
  return [
    setting('CORES', minimum ?? 1),
    setting('CORES_MIN', minimum ?? 1),
    ...optional('CORES_MAX', maximum ?? undefined),
    ...optional('CORES_MAX_RATIO', maximumCPURatio == null ? undefined : plainDecimal(maximumCPURatio)),
  ];
}

/** The shortest decimal text, never with an exponent. */
function plainDecimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}

/** Headers and requests stay out of the log unless explicitly allowed in. */
export function logging({ proxy }: Settings): readonly EnvVar[] {
  const suffix = proxy.logHTTPHeaders === 'insecure' ? '' : ',[{headers}]=off,[{request}]=off';
  return [setting('LOG', proxy.logLevel + suffix), setting('LOG_FORMAT', proxy.logFormat)];
}
