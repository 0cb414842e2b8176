import { Authority } from '../tls/certificates.builder.ts';
import type { Config } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { readConfig } from './read-config.ts';

const trustAnchors = Authority.root().certificate.toString();

/** What the injector would set, in short. Names are without their prefix; undefined takes one away. */
export function environment(changes: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const variables: Record<string, string | undefined> = {
    OUTBOUND_LISTEN_ADDRS: '127.0.0.1:4140,[::1]:4140',
    OUTBOUND_LISTEN_ADDR: '127.0.0.1:4140',
    INBOUND_LISTEN_ADDR: '[::]:4143',
    CONTROL_LISTEN_ADDR: '[::]:4190',
    ADMIN_LISTEN_ADDR: '[::]:4191',
    DESTINATION_SVC_ADDR: 'linkerd-dst-headless.linkerd.svc.cluster.local.:8086',
    DESTINATION_SVC_NAME: 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local',
    POLICY_SVC_ADDR: 'localhost.:8090',
    IDENTITY_SVC_ADDR: '127.0.0.1:8080',
    POLICY_WORKLOAD: '{"ns":"emojivoto","pod":"web-0"}\n',
    IDENTITY_DIR: '/var/run/linkerd/identity',
    IDENTITY_TRUST_ANCHORS: trustAnchors,
    IDENTITY_TOKEN_FILE: '/var/run/secrets/tokens/token',
    IDENTITY_LOCAL_NAME: 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local',
    INBOUND_DEFAULT_POLICY: 'all-unauthenticated',
    ...changes,
  };
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined) env[`LINKERD2_PROXY_${name}`] = value;
  }
  return env;
}

/** Reads such an environment, with files by their path. */
export function configOf(
  changes: Record<string, string | undefined> = {},
  files: Record<string, string> = { '/var/run/secrets/tokens/token': 'a-token' },
): Config {
  return readConfig(environment(changes), (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  });
}

/** What is wrong with such an environment; empty when nothing is. */
export function problemsOf(
  changes: Record<string, string | undefined>,
  files?: Record<string, string>,
): readonly ConfigProblem[] {
  try {
    configOf(changes, files);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
