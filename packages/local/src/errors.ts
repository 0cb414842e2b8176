/** Why the local mesh could not do something. */
export type LocalErrorCode =
  | 'unsupported_platform'
  | 'missing_programs'
  | 'namespaces_denied'
  | 'unreadable_build'
  | 'command_failed'
  | 'bad_directory'
  | 'bad_workload'
  | 'addresses_exhausted'
  | 'start_timeout'
  | 'no_mesh'
  | 'unknown_pod'
  | 'ambiguous_name';

/** An error of the local mesh: its message names the target and the way out, `data` holds the parts. */
export class LocalError extends Error {
  readonly code: LocalErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: LocalErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'LocalError';
    this.code = code;
    this.data = data;
  }
}
