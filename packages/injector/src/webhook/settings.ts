import { baseSettings, type Config, setting, values } from '@weft/service';

const directory = (flag: string, path: string, help: string) =>
  setting({ flag, value: values.nonEmptyText, default: path, help });

const address = (flag: string, port: number, help: string) =>
  setting({ flag, value: values.listenAddress, default: `:${port}`, help });

/** Flags of the injector; those that a stock injector has carry its names. */
export const injectorSettings = {
  ...baseSettings,
  adminAddr: setting({ ...baseSettings.adminAddr, flag: 'metrics-addr', default: ':9995' }),
  addr: address('addr', 8443, 'address of the webhook that injects'),
  tlsDirectory: directory(
    'tls-dir',
    '/var/run/linkerd/tls',
    'directory of tls.crt and tls.key that the webhook serves with',
  ),
  policyAddr: address('policy-validator-addr', 9443, 'address of the webhook that validates policies'),
  policyTlsDirectory: directory(
    'policy-validator-tls-dir',
    '/var/run/linkerd/policy-validator-tls',
    'directory of tls.crt and tls.key that the webhook for policies serves with',
  ),
  profileAddr: address('sp-validator-addr', 8444, 'address of the webhook that validates ServiceProfiles'),
  profileTlsDirectory: directory(
    'sp-validator-tls-dir',
    '/var/run/linkerd/sp-validator-tls',
    'directory of tls.crt and tls.key that the webhook for ServiceProfiles serves with',
  ),
  linkerdNamespace: setting({
    flag: 'linkerd-namespace',
    value: values.nonEmptyText,
    default: 'linkerd',
    help: 'namespace of the control plane',
  }),
  valuesFile: directory(
    'values',
    '/var/run/linkerd/config/values',
    "file of the installation's values, YAML",
  ),
  trustAnchors: directory(
    'trust-anchors',
    '/var/run/linkerd/identity/trust-roots/ca-bundle.crt',
    'file of the trust anchors, PEM',
  ),
  kubeconfig: setting({
    flag: 'kubeconfig',
    value: values.text,
    default: '',
    help: 'kubeconfig file; the cluster this process runs in when empty',
  }),
  instance: setting({
    flag: 'instance',
    env: 'HOSTNAME',
    value: values.text,
    default: 'proxy-injector',
    help: 'name of this replica, in the events it writes',
  }),
};

export type InjectorConfig = Config<typeof injectorSettings>;
