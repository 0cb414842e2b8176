import type { IdentityConfig, IdentityServiceConfig, SpireConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { readControlService } from './read-control.ts';
import { readBackoff } from './read-direction.ts';
import { parseCertificates } from './values/certificates.ts';
import { parseDnsName } from './values/dns-name.ts';
import { parseDuration } from './values/duration.ts';
import { parseNonEmpty } from './values/scalar.ts';
import { parseSpiffeId, parseUnixSocket } from './values/spiffe.ts';

/** Reads a whole file as text; throws when it cannot. */
export type ReadFile = (path: string) => string;

/** The second is the name of old. */
const spireNames = ['IDENTITY_SPIRE_WORKLOAD_API_ADDRESS', 'IDENTITY_SPIRE_SOCKET'] as const;

/** Linkerd puts the prefix of all names in front of this one twice. */
const spireBackoff = 'LINKERD2_PROXY_IDENTITY_SPIRE_EXP_BACKOFF';

export function readIdentity(env: Environment, readFile: ReadFile): IdentityConfig {
  if (env.text('IDENTITY_DISABLED')) env.reject('IDENTITY_DISABLED', 'the mesh cannot do without identities');
  const trustAnchors = env.required('IDENTITY_TRUST_ANCHORS', parseCertificates, '');
  const spire = spireNames.find((name) => env.text(name));
  if (spire !== undefined) return { trustAnchors, ...readSpiffeName(env), source: readSpire(env, spire) };
  const name = readOwnName(env);
  return { trustAnchors, name, serverName: name, source: readIdentityService(env, readFile) };
}

function readSpire(env: Environment, name: string): SpireConfig {
  return {
    kind: 'spire',
    socket: env.required(name, parseUnixSocket, ''),
    backoff: readBackoff(env, spireBackoff, { minMs: 100, maxMs: 1000, jitter: 0.1 }),
  };
}

/** No DNS name can be both here, so `IDENTITY_LOCAL_NAME` has nothing to say. */
function readSpiffeName(env: Environment): { readonly name: string; readonly serverName: string } {
  return {
    name: env.required('IDENTITY_SERVER_ID', parseSpiffeId, ''),
    serverName: env.required('IDENTITY_SERVER_NAME', parseDnsName, ''),
  };
}

function readIdentityService(env: Environment, readFile: ReadFile): IdentityServiceConfig {
  return {
    kind: 'identity-service',
    service: readControlService(env, 'IDENTITY_SVC'),
    directory: env.required('IDENTITY_DIR', parseNonEmpty, ''),
    tokenFile: env.required('IDENTITY_TOKEN_FILE', (path) => checkToken(path, readFile), ''),
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
