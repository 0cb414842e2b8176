import type { LogConfig, TapConfig, TracingConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { readControlService } from './read-control.ts';
import type { ReadFile } from './read-identity.ts';
import { parseSocketAddress } from './values/addresses.ts';
import { parseAttributes } from './values/attributes.ts';
import { parseIdentity } from './values/dns-name.ts';

export function readLog(env: Environment): LogConfig {
  const access = env.text('ACCESS_LOG') ?? '';
  const known = access === 'apache' || access === 'json';
  if (!known && access !== '')
    env.warn('ACCESS_LOG', `${JSON.stringify(access)} is no format, the log is off`);
  return {
    filter: env.text('LOG') ?? 'warn,linkerd=info,hickory=error',
    format: env.text('LOG_FORMAT')?.toLowerCase() === 'json' ? 'json' : 'plain',
    access: known ? access : 'off',
  };
}

/** The tap server is on when it is said who may use it. */
export function readTap(env: Environment): TapConfig | null {
  const listen = env.read('CONTROL_LISTEN_ADDR', parseSocketAddress, { ip: '0.0.0.0', port: 4190 });
  const clientId = env.optionalOrEmpty('TAP_SVC_NAME', parseIdentity);
  return clientId === undefined ? null : { listen, clientId };
}

export function readTracing(env: Environment, readFile: ReadFile): TracingConfig | null {
  if (!env.text('TRACE_COLLECTOR_SVC_ADDR')) return null;
  const service = readControlService(env, 'TRACE_COLLECTOR_SVC');
  const attributes = new Map<string, string>();
  const serviceName = env.text('TRACE_SERVICE_NAME');
  if (serviceName) attributes.set('service.name', serviceName);
  const hostname = env.foreign('HOSTNAME');
  if (hostname) attributes.set('host.name', hostname);
  // From the weakest source to the strongest.
  for (const text of [
    readAttributesFile(env, readFile),
    env.text('TRACE_EXTRA_ATTRIBUTES') ?? '',
    env.foreign('OTEL_RESOURCE_ATTRIBUTES') ?? '',
  ]) {
    for (const [key, value] of parseAttributes(text)) attributes.set(key, value);
  }
  return { service, attributes };
}

/** Traces lack their labels without it, and nothing else. */
function readAttributesFile(env: Environment, readFile: ReadFile): string {
  const path = env.text('TRACE_ATTRIBUTES_PATH');
  if (!path) return '';
  try {
    return readFile(path);
  } catch {
    env.warn('TRACE_ATTRIBUTES_PATH', `${path} cannot be read, its attributes are missing`);
    return '';
  }
}
