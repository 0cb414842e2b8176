import type { Log } from './log.ts';

/** Notes what is said as `warn the message`, and the fields beside it. */
export function aRecordingLog() {
  const said: string[] = [];
  const fields: Readonly<Record<string, unknown>>[] = [];
  const at =
    (level: string) =>
    (message: string, more: Readonly<Record<string, unknown>> = {}): void => {
      said.push(`${level} ${message}`);
      fields.push(more);
    };
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn') };
  return { log, said, fields };
}
