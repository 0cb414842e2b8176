const LEVELS = ['panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type Level = (typeof LEVELS)[number];

export type Log = (level: Level, message: string) => void;

/** Reads a level's name in any case; `warning` is another name of `warn`. */
export function parseLevel(text: string): Level | undefined {
  const name = text.toLowerCase();
  return LEVELS.find((level) => level === (name === 'warning' ? 'warn' : name));
}

/** A log that writes one line an event; control characters cannot break the line. */
export function createLog(
  format: 'json' | 'plain',
  threshold: Level,
  write: (line: string) => void,
  now: () => Date,
): Log {
  return (level, msg) => {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(threshold)) return;
    const time = now().toISOString();
    write(
      format === 'json'
        ? JSON.stringify({ level, msg, time })
        : `time=${JSON.stringify(time)} level=${level} msg=${JSON.stringify(msg)}`,
    );
  };
}
