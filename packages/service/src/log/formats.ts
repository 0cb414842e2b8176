import { describeError } from './describe-error.ts';
import { escapeControls } from './escape.ts';
import type { LogFormat } from './logger.ts';

const maxValueLength = 2048;

/** `2026-01-02T03:04:05.678Z  INFO message key=value other="two words"` */
export const plainFormat: LogFormat = ({ time, level, message, fields }) => {
  let line = `${new Date(time).toISOString()} ${level.toUpperCase().padStart(5)} ${escapeControls(message)}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${escapeControls(key)}=${quoted(value)}`;
  }
  return line;
};

/** One JSON object a line: `timestamp`, `level`, `message`, then the fields. */
export const jsonFormat: LogFormat = ({ time, level, message, fields }) => {
  const record: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    record[key] = typeof value === 'number' || typeof value === 'boolean' ? value : asText(value);
  }
  const head = { timestamp: new Date(time).toISOString(), level: level.toUpperCase(), message };
  return JSON.stringify({ ...record, ...head }).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};

export const logFormats = { plain: plainFormat, json: jsonFormat } as const;

function quoted(value: unknown): string {
  const text = escapeControls(asText(value) ?? 'null');
  return /^[^\s"=\\]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

function asText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text =
    typeof value === 'string'
      ? value
      : value instanceof Error
        ? describeError(value)
        : value instanceof Date
          ? value.toISOString()
          : typeof value === 'object' && value !== null
            ? safeJson(value)
            : String(value);
  return text.length <= maxValueLength ? text : `${text.slice(0, maxValueLength)}…`;
}

function safeJson(value: object): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
