import type { Agent } from 'node:http';

/** What the next request to the API server needs. */
export interface Credentials {
  /** Keeps connections open and knows whom to trust, and the client certificate if there is one. */
  readonly agent: Agent;
  /** `authorization`, when a token is what proves the identity. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the API server is and how this process proves to it who it is. */
export interface Connection {
  /** Scheme, host, port, and a path when the server is behind one. */
  readonly server: URL;
  /** The credentials of this moment: tokens and certificates change while a process runs. */
  credentials(): Promise<Credentials>;
  /** Forgets what is remembered of the credentials; the server has refused them. */
  refresh(): void;
}

/** The API server cannot be found or its credentials cannot be read. */
export class ConnectionError extends Error {
  readonly code = 'connection';

  constructor(problem: string, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.name = 'ConnectionError';
  }
}

/** Options of every agent that talks to an API server. */
export const agentOptions = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 32 } as const;
