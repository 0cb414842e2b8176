const LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LEVELS)[number];
export type LogFormat = 'plain' | 'json';
export type Log = (level: Exclude<LogLevel, 'off'>, message: string) => void;

export function isLogLevel(text: string): text is LogLevel {
  return (LEVELS as readonly string[]).includes(text);
}

/** One line an event. */
export function createLog(
  { logLevel, logFormat }: { readonly logLevel: LogLevel; readonly logFormat: LogFormat },
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): Log {
  return (level, message) => {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(logLevel)) return;
    const timestamp = now().toISOString();
    const name = level.toUpperCase();
    write(
      logFormat === 'json'
        ? JSON.stringify({ timestamp, level: name, message })
        : `${timestamp} ${name.padStart(5)} ${message}`,
    );
  };
}
