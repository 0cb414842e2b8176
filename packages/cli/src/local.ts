import { down, execInPod, podLogs, runMesh } from '@weft/local';
import { Command } from 'commander';
import { parseDuration } from './duration.ts';
import { endedByUser } from './ended-by-user.ts';
import { report } from './report.ts';

interface RunFlags {
  readonly for?: number;
  readonly json?: boolean;
  readonly leafLifetime?: number;
}

interface PodFlags {
  readonly container?: string;
  readonly follow?: boolean;
  readonly mesh?: string;
}

const progress = (line: string) => process.stderr.write(`${line}\n`);

/** `weft local …`: the mesh on this machine, without Kubernetes. */
export function localCommand(): Command {
  const local = new Command('local').description('a mesh on this machine, without Kubernetes');
  local
    .command('run')
    .description('run the workloads of a folder of manifests in a mesh, and show what they say to each other')
    .argument('<dir>', 'folder of Kubernetes manifests')
    .option('--for <duration>', 'end after this time, such as 30s', parseDuration)
    .option('--json', 'print one JSON document at the end in place of the live display')
    .option('--leaf-lifetime <duration>', 'lifetime of the certificates of proxies', parseDuration)
    .action((directory: string, flags: RunFlags) =>
      report(
        runMesh({
          directory,
          ...(flags.for !== undefined && { forMs: flags.for }),
          ...(flags.json && { json: true }),
          ...(flags.leafLifetime !== undefined && { leafLifetime: flags.leafLifetime / 1000 }),
          progress,
          signal: endedByUser(),
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
      report(execInPod({ pod, command, container, meshId: mesh })),
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
        podLogs({ pod, container, follow, meshId: mesh, output: process.stdout, signal: endedByUser() }).then(
          () => 0,
        ),
      ),
    );
  local
    .command('down')
    .description('stop the meshes of this machine')
    .option('--mesh <id>', 'only this one')
    .action(({ mesh }: PodFlags) =>
      report(
        down(mesh).then((ids) => {
          progress(`stopped ${ids.join(', ')}`);
          return 0;
        }),
      ),
    );
  return local;
}
