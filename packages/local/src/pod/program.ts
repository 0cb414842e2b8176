import type { Container, Pod } from '../cluster/objects.ts';
import { LocalError } from '../errors.ts';
import { BUILD_MOUNT } from './container-launch.ts';
import { containerArguments } from './environment.ts';

export const PROXY_CONTAINER = 'linkerd-proxy';
export const PROXY_INIT_CONTAINER = 'linkerd-init';

/** Images are not pulled here: the containers that injection adds run these programs instead of their images'. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  [PROXY_CONTAINER]: [`${BUILD_MOUNT}/packages/proxy/bin/weft-proxy`],
  'linkerd-debug': ['tcpdump', '-n', '-i', 'any', '-U'],
};

/** The command line of a container: its manifest's, or the program that stands for its image. */
export function programOf(
  container: Container,
  pod: Pod,
  variables: ReadonlyMap<string, string>,
): readonly string[] {
  const command = containerArguments(container, variables);
  if (container.command !== undefined && command.length > 0) return command;
  const program = PROGRAMS[container.name];
  if (program !== undefined) return [...program, ...command];
  const where = `${pod.metadata.namespace}/${pod.metadata.name}, container ${container.name}`;
  throw new LocalError(
    'bad_workload',
    `${where}: image ${container.image ?? ''} is not pulled here; give the container a command`,
    { container: container.name },
  );
}

/** The search path inside containers: Node.js first, then the machine's programs. */
export const CONTAINER_PATH = '/weft/node:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables every container has, as images define them. */
export function baseEnvironment(hostname: string): Readonly<Record<string, string>> {
  return { PATH: CONTAINER_PATH, HOME: '/tmp', HOSTNAME: hostname, LANG: 'C.UTF-8' };
}
