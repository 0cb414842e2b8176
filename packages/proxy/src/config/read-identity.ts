import type { IdentityConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { readControlService } from './read-control.ts';
import { parseCertificates } from './values/certificates.ts';
import { parseDnsName } from './values/dns-name.ts';
import { parseDuration } from './values/duration.ts';
import { parseNonEmpty } from './values/scalar.ts';

/** Reads a whole file as text; throws when it cannot. */
export type ReadFile = (path: string) => string;

export function readIdentity(env: Environment, readFile: ReadFile): IdentityConfig {
  if (env.text('IDENTITY_DISABLED')) env.reject('IDENTITY_DISABLED', 'the mesh cannot do without identities');
  for (const name of ['IDENTITY_SPIRE_WORKLOAD_API_ADDRESS', 'IDENTITY_SPIRE_SOCKET']) {
    if (env.text(name)) env.reject(name, 'SPIRE is not supported: identities come from the control plane');
  }
  return {
    service: readControlService(env, 'IDENTITY_SVC'),
    directory: env.required('IDENTITY_DIR', parseNonEmpty, ''),
    trustAnchors: env.required('IDENTITY_TRUST_ANCHORS', parseCertificates, ''),
    tokenFile: env.required('IDENTITY_TOKEN_FILE', (path) => checkToken(path, readFile), ''),
    name: readOwnName(env),
    minRefreshMs: env.read('IDENTITY_MIN_REFRESH', parseDuration, 10_000),
    maxRefreshMs: env.read('IDENTITY_MAX_REFRESH', parseDuration, 86_400_000),
  };
}

function checkToken(path: string, readFile: ReadFile): string {
  let token: string;
  try {
    token = readFile(path);
  } catch (error) {
    throw new Error(`the token cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  if (token.trim() === '') throw new Error('the token is empty');
  return path;
}

/** One name, or the same twice under the names that tell identity and server name apart. */
function readOwnName(env: Environment): string {
  const id = env.optional('IDENTITY_SERVER_ID', parseDnsName);
  const serverName = env.optional('IDENTITY_SERVER_NAME', parseDnsName);
  const both = id !== undefined && serverName !== undefined;
  const name = both
    ? env.read('IDENTITY_LOCAL_NAME', parseDnsName, id)
    : env.required('IDENTITY_LOCAL_NAME', parseDnsName, '');
  if ((id ?? name) !== (serverName ?? name)) {
    const wrong = id !== undefined ? 'IDENTITY_SERVER_ID' : 'IDENTITY_SERVER_NAME';
    env.reject(wrong, 'identity and server name must be the same');
  }
  return id ?? serverName ?? name;
}
