import type { ControlConfig, ControlService } from './config.ts';
import type { Environment } from './environment.ts';
import { parseServiceAddress } from './values/addresses.ts';
import { parseIdentity } from './values/dns-name.ts';
import { parseDuration } from './values/duration.ts';

const unknown = { authority: '', host: '', port: 0 };

/** The service at `<name>_ADDR`, which must prove to be `<name>_NAME` unless it is reached over loopback. */
export function readControlService(env: Environment, name: string): ControlService {
  const address = env.required(`${name}_ADDR`, parseServiceAddress, unknown);
  const loopback = isLoopbackHost(address.host);
  const identity = env.optional(`${name}_NAME`, parseIdentity);
  if (!loopback && address !== unknown && env.text(`${name}_NAME`) === undefined) {
    env.reject(`${name}_NAME`, `required, since ${address.authority} is not loopback`);
  }
  return { ...address, loopback, identity: loopback ? null : (identity ?? '') };
}

/** A loopback address, or the absolute name: `localhost` without its dot might be anything. */
function isLoopbackHost(host: string): boolean {
  return host === 'localhost.' || host === '::1' || /^127\.[\d.]+$/.test(host);
}

export function readControl(env: Environment): ControlConfig {
  const initial = env.optionalOrEmpty('CONTROL_STREAM_INITIAL_TIMEOUT', parseDuration);
  const idle = env.optionalOrEmpty('CONTROL_STREAM_IDLE_TIMEOUT', parseDuration);
  const lifetime = env.optionalOrEmpty('CONTROL_STREAM_LIFETIME', parseDuration);
  requireOrder(env, 'CONTROL_STREAM_INITIAL_TIMEOUT', initial, 'CONTROL_STREAM_IDLE_TIMEOUT', idle);
  requireOrder(env, 'CONTROL_STREAM_IDLE_TIMEOUT', idle, 'CONTROL_STREAM_LIFETIME', lifetime);
  requireOrder(env, 'CONTROL_STREAM_INITIAL_TIMEOUT', initial, 'CONTROL_STREAM_LIFETIME', lifetime);
  return {
    streamInitialTimeoutMs: initial,
    streamIdleTimeoutMs: idle,
    streamLifetimeMs: lifetime,
    dnsMinTtlMs: env.optional('DNS_MIN_TTL', parseDuration),
    dnsMaxTtlMs: env.optional('DNS_MAX_TTL', parseDuration),
  };
}

function requireOrder(
  env: Environment,
  lowerName: string,
  lower: number | undefined,
  upperName: string,
  upper: number | undefined,
): void {
  if (lower !== undefined && upper !== undefined && lower > upper) {
    env.reject(lowerName, `must not be above ${upperName}=${env.text(upperName)}`);
  }
}
