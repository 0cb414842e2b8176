import { isLoopback } from '../transport/socket-address.ts';
import { acceptsGzip, acceptsJson } from './accept.ts';
import {
  type AdminRequest,
  type AdminResponse,
  empty,
  json,
  jsonError,
  lines,
  notAllowed,
  text,
  whenKnown,
} from './admin-message.ts';

export interface LogLevelControl {
  get(): string;
  /** Throws an Error that says what is wrong with the filter. */
  set(filter: string): void;
}

export interface AdminDeps {
  /** Becomes true with the first certificate, and stays so. */
  isReady(): boolean;
  /** The registry in Prometheus' text format. */
  renderMetrics(): string | Promise<string>;
  /** Begins an orderly end of the process; returns at once. */
  shutdown(): void;
  readonly shutdownEnabled: boolean;
  /** null: logging was switched off when the proxy started. */
  readonly logLevel: LogLevelControl | null;
  /**
   * Log records as JSON, one a line without its end, from now on until the returned function is called.
   * Throws an Error that says what is wrong with the filter.
   */
  readonly subscribeLogs: (filter: string, onLine: (line: string) => void) => () => void;
  readonly env: NodeJS.ProcessEnv;
  /** What this proxy believes, as JSON can hold it; may be a promise. */
  readonly debugState: () => unknown;
}

/** What the admin port answers. Everything it does is done through `deps`. */
export function handleAdmin(request: AdminRequest, deps: AdminDeps): AdminResponse {
  const { path, query } = splitPath(request.path);
  switch (path) {
    case '/live':
      return text(200, 'live\n');
    case '/ready':
      return deps.isReady()
        ? text(200, 'ready\n')
        : { kind: 'text', status: 503, headers: [], body: 'not ready\n' };
    case '/metrics':
      return metrics(request, deps);
    case '/shutdown':
      return shutdown(request, deps);
    case '/proxy-log-level':
      return localOnly(request) ?? logLevel(request, deps);
    case '/logs.json':
      return localOnly(request) ?? logs(request, query, deps);
    case '/env.json':
      return environment(request, query, deps);
    case '/debug/state':
      return localOnly(request) ?? debugState(request, deps);
    default:
      return empty(404);
  }
}

function metrics(request: AdminRequest, deps: AdminDeps): AdminResponse {
  try {
    return whenKnown(deps.renderMetrics(), (body) => {
      if (!acceptsGzip(request.headers)) return text(200, body);
      const headers = ['content-type', 'text/plain', 'content-encoding', 'gzip'];
      return { kind: 'gzip', status: 200, headers, body };
    });
  } catch (error) {
    return text(500, `${messageOf(error)}\n`);
  }
}

/** The method is checked before the caller, and both before whether there is such a thing. */
function shutdown(request: AdminRequest, deps: AdminDeps): AdminResponse {
  if (request.method !== 'POST') return empty(405);
  const refused = localOnly(request);
  if (refused !== null) return refused;
  if (!deps.shutdownEnabled) return text(404, 'shutdown endpoint is not enabled\n');
  try {
    deps.shutdown();
  } catch {
    return text(500, 'shutdown listener dropped\n');
  }
  return text(200, 'shutdown\n');
}

function logLevel(request: AdminRequest, { logLevel: control }: AdminDeps): AdminResponse {
  if (control === null) return empty(404);
  switch (request.method) {
    case 'GET':
      return text(200, control.get());
    case 'PUT':
      try {
        control.set(request.body);
      } catch (error) {
        return text(400, `${messageOf(error)}\n`);
      }
      return empty(204);
    default:
      return notAllowed('GET', 'PUT');
  }
}

function logs(request: AdminRequest, query: string | null, deps: AdminDeps): AdminResponse {
  if (request.method !== 'GET' && request.method !== 'QUERY') return notAllowed('GET', 'QUERY');
  if (!acceptsJson(request.headers)) return notAcceptable();
  const filter = request.method === 'QUERY' ? request.body : decode(query ?? '');
  try {
    // Only to learn whether the filter can be read: the stream begins with the answer.
    deps.subscribeLogs(filter, () => {})();
  } catch (error) {
    return jsonError(400, messageOf(error));
  }
  return lines((onLine) => deps.subscribeLogs(filter, onLine));
}

function environment(request: AdminRequest, query: string | null, deps: AdminDeps): AdminResponse {
  if (request.method !== 'GET') return notAllowed('GET');
  if (!acceptsJson(request.headers)) return notAcceptable();
  if (query === null || query === '') return json(200, deps.env);
  if (query.includes('=')) return jsonError(400, 'the query holds names of variables, without values');
  const selected = query.split('&').filter((name) => name !== '');
  return json(200, Object.fromEntries(selected.map((name) => [name, deps.env[name] ?? null])));
}

function debugState(request: AdminRequest, deps: AdminDeps): AdminResponse {
  if (request.method !== 'GET') return notAllowed('GET');
  if (!acceptsJson(request.headers)) return notAcceptable();
  return whenKnown(deps.debugState(), (state) => json(200, state));
}

/** Null when the client may go on. */
function localOnly(request: AdminRequest): AdminResponse | null {
  if (isLoopback(request.peerIp)) return null;
  return text(
    403,
    `${splitPath(request.path).path} may be used from localhost only, not from ${request.peerIp}\n`,
  );
}

function notAcceptable(): AdminResponse {
  return text(406, 'application/json');
}

function splitPath(target: string): { path: string; query: string | null } {
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, query: null }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function decode(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
