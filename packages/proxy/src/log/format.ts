import type { LogRecord } from './logger.ts';

/** Control characters would let a peer forge lines or drive a terminal: they are written as \xNN. */
function escapeControl(text: string): string {
  return text.replace(
    /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function plainValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(errorText(value));
  if (typeof value === 'string') return /^[\w.:/@%+-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

/** The message of an error and of everything that caused it, outermost first. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 8; e = e.cause, depth++) {
    if (!parts.at(-1)?.endsWith(e.message)) parts.push(e.message);
  }
  return parts.length > 0 ? parts.join(': ') : String(error);
}

/** `[     0.001516s]  INFO ThreadId(01) target: message k=v`; `thread`: from 0. */
export function formatPlain(record: LogRecord, startedAt: number, thread = 0): string {
  const uptime = ((record.time - startedAt) / 1000).toFixed(6).padStart(13);
  const threadId = `ThreadId(${String(thread + 1).padStart(2, '0')})`;
  let line = `[${uptime}s] ${record.level.toUpperCase().padStart(5)} ${threadId} ${record.target}: ${record.message}`;
  for (const [key, value] of Object.entries(record.fields)) {
    if (value !== undefined) line += ` ${key}=${plainValue(value)}`;
  }
  return escapeControl(line);
}

export function formatJson(record: LogRecord, thread = 0): string {
  const fields: Record<string, unknown> = { message: record.message };
  for (const [key, value] of Object.entries(record.fields)) {
    if (value !== undefined) fields[key] = value instanceof Error ? errorText(value) : value;
  }
  return JSON.stringify({
    timestamp: new Date(record.time).toISOString(),
    level: record.level.toUpperCase(),
    fields,
    target: record.target,
    spans: [],
    threadId: `ThreadId(${thread + 1})`,
  });
}
