import { Command } from 'commander';
import { parseDuration } from './duration.ts';
import { endedByUser } from './ended-by-user.ts';
import { report } from './report.ts';

interface RunFlags {
  readonly app?: string;
  readonly for?: number;
  readonly json?: boolean;
  readonly leafLifetime?: number;
}

interface ControlPlaneFlags {
  readonly identityAddr: string;
  readonly destinationAddr: string;
  readonly policyAddr: string;
  readonly identityAdminAddr: string;
  readonly destinationAdminAddr: string;
  readonly tls: boolean;
  readonly credentials?: string;
  readonly leafLifetime?: number;
}

interface PodFlags {
  readonly container?: string;
  readonly follow?: boolean;
  readonly mesh?: string;
}

const progress = (line: string) => process.stderr.write(`${line}\n`);

/** All of the mesh takes half a second to load, so only the commands that run it do so. */
const load = () => import('@weft/local');

/** `weft local …`: the mesh on this machine, without Kubernetes. */
export function localCommand(): Command {
  const local = new Command('local').description('a mesh on this machine, without Kubernetes');
  local
    .command('run')
    .description('run the workloads of a folder of manifests in a mesh, and show what they say to each other')
    .argument('<dir>', 'folder of Kubernetes manifests')
    .option(
      '--app <dir>',
      'folder in which applications start; default: the package the manifests are part of',
    )
    .option('--for <duration>', 'end after this time, such as 30s', parseDuration)
    .option('--json', 'print one JSON document at the end in place of the live display')
    .option('--leaf-lifetime <duration>', 'lifetime of the certificates of proxies', parseDuration)
    .action((directory: string, flags: RunFlags) =>
      report(
        load().then(({ runMesh }) =>
          runMesh({
            directory,
            ...(flags.app !== undefined && { app: flags.app }),
            ...(flags.for !== undefined && { forMs: flags.for }),
            ...(flags.json && { json: true }),
            ...(flags.leafLifetime !== undefined && { leafLifetime: flags.leafLifetime / 1000 }),
            progress,
            signal: endedByUser(),
          }),
        ),
      ),
    );
  local
    .command('control-plane')
    .description('run only the services of the control plane, on loopback, over a folder of manifests')
    .argument('<dir>', 'folder of Kubernetes manifests, followed live')
    .option('--identity-addr <host:port>', 'where identity listens', '127.0.0.1:8080')
    .option('--destination-addr <host:port>', 'where destination listens', '127.0.0.1:8086')
    .option('--policy-addr <host:port>', 'where the policy APIs listen', '127.0.0.1:8090')
    .option('--identity-admin-addr <host:port>', 'metrics and health of identity', '127.0.0.1:9990')
    .option('--destination-admin-addr <host:port>', 'metrics and health of destination', '127.0.0.1:9996')
    .option('--tls', 'serve with mesh TLS', false)
    .option('--credentials <dir>', 'folder of trust anchors, issuer and token keys; made when it is empty')
    .option('--leaf-lifetime <duration>', 'lifetime of the certificates of proxies', parseDuration)
    .action((directory: string, flags: ControlPlaneFlags) =>
      report(
        load().then(({ runControlPlane }) =>
          runControlPlane({
            ...flags,
            directory,
            leafLifetime: flags.leafLifetime === undefined ? undefined : flags.leafLifetime / 1000,
            progress,
            signal: endedByUser(),
          }),
        ),
      ),
    );
  local
    .command('token')
    .description('print a service-account token that identity takes')
    .argument('<namespace>')
    .argument('<service-account>')
    .requiredOption('--credentials <dir>', 'the folder given to control-plane')
    .option('--lifetime <duration>', 'how long it is valid', parseDuration, 86_400_000)
    .action((namespace: string, account: string, flags: { credentials: string; lifetime: number }) =>
      report(
        load().then(({ mintToken }) => {
          process.stdout.write(`${mintToken(flags.credentials, namespace, account, flags.lifetime)}\n`);
          return 0;
        }),
      ),
    );
  local
    .command('exec')
    .description('run a command in a container of a pod')
    .argument('<pod>', 'pod, or workload: the first ready pod of it')
    .argument('<command...>', 'the command, after --')
    .option('-c, --container <name>', 'default: the first one of the application')
    .option('--mesh <id>', 'which mesh, where several run')
    .action((pod: string, command: string[], { container, mesh }: PodFlags) =>
      report(load().then(({ execInPod }) => execInPod({ pod, command, container, meshId: mesh }))),
    );
  local
    .command('logs')
    .description('print what the containers of a pod have printed')
    .argument('<pod>', 'pod, or workload: the first ready pod of it')
    .option('-c, --container <name>', 'default: all')
    .option('-f, --follow', 'go on printing')
    .option('--mesh <id>', 'which mesh, where several run')
    .action((pod: string, { container, follow, mesh }: PodFlags) =>
      report(
        load().then(async ({ podLogs }) => {
          const signal = endedByUser();
          await podLogs({ pod, container, follow, meshId: mesh, output: process.stdout, signal });
          return 0;
        }),
      ),
    );
  local
    .command('down')
    .description('stop the meshes of this machine')
    .option('--mesh <id>', 'only this one')
    .action(({ mesh }: PodFlags) =>
      report(
        load().then(async ({ down }) => {
          progress(`stopped ${(await down(mesh)).join(', ')}`);
          return 0;
        }),
      ),
    );
  return local;
}
