import type { HeaderList } from '../http/message.ts';

export interface AdminRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: HeaderList;
  /** The address of the client, as its connection has it. */
  readonly peerIp: string;
  readonly body: string;
}

/** `gzip` bodies are to be compressed on their way; `lines` go on until the client leaves; `later` is not known yet. */
export type AdminResponse =
  | {
      readonly kind: 'text' | 'gzip';
      readonly status: number;
      readonly headers: HeaderList;
      readonly body: string;
    }
  | {
      readonly kind: 'lines';
      readonly headers: HeaderList;
      /** Starts the stream; the returned function ends it. */
      readonly start: (onLine: (line: string) => void) => () => void;
    }
  | { readonly kind: 'later'; readonly response: Promise<AdminResponse> };

const TEXT: HeaderList = ['content-type', 'text/plain'];
const JSON_TYPE: HeaderList = ['content-type', 'application/json'];

export function text(status: number, body: string): AdminResponse {
  return { kind: 'text', status, headers: [...TEXT], body };
}

export function empty(status: number, headers: HeaderList = []): AdminResponse {
  return { kind: 'text', status, headers, body: '' };
}

export function json(status: number, value: unknown): AdminResponse {
  return { kind: 'text', status, headers: [...JSON_TYPE], body: JSON.stringify(value) };
}

export function jsonError(status: number, error: string): AdminResponse {
  return json(status, { error, status });
}

export function lines(start: (onLine: (line: string) => void) => () => void): AdminResponse {
  return { kind: 'lines', headers: [...JSON_TYPE], start };
}

/** `answer` for a value that may take a while. */
export function whenKnown<T>(value: T | Promise<T>, answer: (value: T) => AdminResponse): AdminResponse {
  return value instanceof Promise ? { kind: 'later', response: value.then(answer) } : answer(value);
}

/** 405, with one Allow field for each method that would have been allowed. */
export function notAllowed(...methods: string[]): AdminResponse {
  return empty(
    405,
    methods.flatMap((method) => ['allow', method]),
  );
}
