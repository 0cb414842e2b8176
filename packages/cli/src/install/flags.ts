import { type Command, Option } from 'commander';
import { parseDuration } from '../duration.ts';
import { addValueFlags, type ValueFlags } from '../helm/value-flags.ts';
import { parseCount, parseGroupId, parseUserId } from '../options/parsers.ts';
import { addSwitch } from '../options/switch.ts';
import { commonFlags } from '../proxy-flags/common-flags.ts';
import { registryOption } from '../proxy-flags/registry.ts';

/** Where the objects go. */
export interface OutputFlags {
  readonly output?: 'yaml' | 'json';
  readonly apply?: boolean;
  readonly wait: number;
}

export function addOutputFlags(command: Command): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', 'print the objects in place of applying them').choices([
        'yaml',
        'json',
      ]),
    )
    .option('--apply', 'apply the objects although standard output is no terminal')
    .option('--wait <duration>', 'how long to wait for the control plane', parseDuration, 300_000);
}

/** An option of the command line that stands for a value of the chart. */
export interface ChartFlag {
  readonly option: Option;
  readonly path: readonly string[];
  /** What is set, where that is not what was read. */
  readonly value?: unknown;
}

function chartFlag(
  flags: string,
  description: string,
  path: string,
  parse?: (text: string) => unknown,
  value?: unknown,
): ChartFlag {
  const option = new Option(flags, description);
  if (parse !== undefined) option.argParser(parse);
  return { option, path: path.split('.'), ...(value !== undefined && { value }) };
}

const LOG_LEVELS = ['panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** Options of the control plane, besides those of the proxy. */
const controlPlaneFlags: readonly ChartFlag[] = [
  chartFlag('--controller-log-level <level>', 'log level of the control plane', 'controllerLogLevel'),
  chartFlag('--controller-replicas <n>', 'replicas of each service', 'controllerReplicas', parseCount),
  chartFlag('--controller-uid <id>', 'user the control plane runs as', 'controllerUID', parseUserId),
  chartFlag('--controller-gid <id>', 'group the control plane runs as', 'controllerGID', parseGroupId),
  chartFlag('--disable-h2-upgrade', 'do not carry HTTP/1 over HTTP/2', 'enableH2Upgrade', undefined, false),
  chartFlag('--linkerd-cni-enabled', 'a CNI plugin sets up the redirection', 'cniEnabled', undefined, true),
  chartFlag(
    '--identity-issuance-lifetime <duration>',
    'lifetime of the certificates of proxies, such as 24h',
    'identity.issuer.issuanceLifetime',
  ),
  chartFlag(
    '--identity-clock-skew-allowance <duration>',
    'how far clocks may be off, such as 20s',
    'identity.issuer.clockSkewAllowance',
  ),
];
controlPlaneFlags[0]!.option.choices(LOG_LEVELS);

/** Options that cannot change once there are certificates. */
const installOnlyFlags: readonly ChartFlag[] = [
  chartFlag('--cluster-domain <name>', "domain of the cluster's services", 'clusterDomain'),
  chartFlag('--identity-trust-domain <name>', 'domain that identities end with', 'identityTrustDomain'),
  chartFlag(
    '--identity-external-issuer',
    'the Secret linkerd-identity-issuer is made by somebody else, such as cert-manager',
    'identity.issuer.scheme',
    undefined,
    'kubernetes.io/tls',
  ),
  chartFlag(
    '--identity-external-ca',
    'the ConfigMap linkerd-identity-trust-roots is made by somebody else, such as trust-manager',
    'identity.externalCA',
    undefined,
    true,
  ),
];

/** Every option that stands for a value of the chart. */
export const chartFlags: readonly ChartFlag[] = [
  ...commonFlags.map(({ option, path }) =>
    // For an installation the policy is that of all images.
    option.name() === 'image-pull-policy' ? { option, path: ['imagePullPolicy'] } : { option, path },
  ),
  ...controlPlaneFlags,
  ...installOnlyFlags,
];

/** Options that `install` and `upgrade` share. */
export interface ControlPlaneFlags extends ValueFlags, OutputFlags {
  readonly crds?: boolean;
  readonly ha?: boolean;
  readonly registry?: string;
  readonly identityTrustAnchorsFile?: string;
  readonly identityIssuerCertificateFile?: string;
  readonly identityIssuerKeyFile?: string;
}

export function addControlPlaneFlags(command: Command, { isInstall }: { isInstall: boolean }): Command {
  command.option('--crds', 'only the custom resource definitions');
  addSwitch(command, 'ha', 'three replicas of everything, on nodes of their own');
  addValueFlags(command);
  addOutputFlags(command);
  command
    .option('--identity-trust-anchors-file <path>', 'PEM file of the trust anchors')
    .option('--identity-issuer-certificate-file <path>', "PEM file of the issuer's certificate")
    .option('--identity-issuer-key-file <path>', "PEM file of the issuer's key")
    .addOption(registryOption());
  for (const { option } of chartFlags) {
    const isOnly = installOnlyFlags.some((one) => one.option === option);
    if (isInstall || !isOnly) command.addOption(option);
  }
  // Nothing here calls home, and endpoint slices are always used.
  return command
    .addOption(new Option('--disable-heartbeat').hideHelp())
    .addOption(new Option('--enable-endpoint-slices').hideHelp());
}
