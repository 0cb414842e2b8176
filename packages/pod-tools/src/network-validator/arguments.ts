import { parseArgs } from 'node:util';
import { parseDuration } from '../duration.ts';
import { UsageError } from '../usage-error.ts';
import { isLogLevel, type LogFormat, type LogLevel } from './log.ts';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

export interface ValidatorOptions {
  readonly listenAddr: SocketAddress;
  readonly connectAddr: SocketAddress;
  readonly timeoutMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

const FLAGS = ['log-level', 'log-format', 'timeout', 'listen-addr', 'connect-addr'] as const;

function addressOf(flag: string, text: string): SocketAddress {
  const [, v6, v4, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [v6 ?? v4, Number(digits)];
  if (host === undefined || port > 65_535)
    throw new UsageError(`--${flag} is ${JSON.stringify(text)}, not ip:port`);
  return { host, port };
}

/** Reads the flags of `linkerd2-network-validator`. @throws UsageError naming flag and value. */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ValidatorOptions {
  let flags: Partial<Record<(typeof FLAGS)[number], string>>;
  try {
    const options = Object.fromEntries(FLAGS.map((flag) => [flag, { type: 'string' as const }]));
    flags = parseArgs({ args: [...argv], options, strict: true }).values as typeof flags;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const timeout = flags.timeout ?? '10s';
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined)
    throw new UsageError(`--timeout is ${JSON.stringify(timeout)}, not a duration`);
  const logLevel = (flags['log-level'] ?? env.LINKERD_NETWORK_VALIDATOR_LOG_LEVEL ?? 'info').toLowerCase();
  if (!isLogLevel(logLevel)) throw new UsageError(`--log-level is ${JSON.stringify(logLevel)}, not a level`);
  const logFormat = flags['log-format'] ?? env.LINKERD_NETWORK_VALIDATOR_LOG_FORMAT ?? 'plain';
  return {
    listenAddr: addressOf('listen-addr', flags['listen-addr'] ?? '0.0.0.0:4140'),
    connectAddr: addressOf('connect-addr', flags['connect-addr'] ?? '192.0.2.2:1404'),
    timeoutMs,
    logLevel,
    logFormat: logFormat === 'json' ? 'json' : 'plain',
  };
}
