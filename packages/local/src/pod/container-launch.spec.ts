import { describe, expect, it } from '@jest/globals';
import { launchCommand, workingDirectory } from './container-launch.ts';
import { aContainer, aRunningPod } from './pod.builder.ts';

const machine = {
  build: '/src/weft',
  nodeDirectory: '/src/weft/node/bin',
  app: '/src/weft/deploy/examples/shop',
};

const launched = (container: Parameters<typeof aContainer>[0]) =>
  launchCommand({
    networkNamespace: 'shop.web-0',
    hostname: 'web-0',
    machine,
    podDirectory: '/run/weft/pods/shop_web-0',
    container: aContainer(container),
    podSpec: aRunningPod().spec,
    command: ['node', 'web.ts'],
  });

describe('launching a container', () => {
  it('enters the pod’s network and ends with the command', () => {
    const command = launched({});
    expect(command.slice(0, 2)).toEqual(['nsenter', '--net=/run/netns/shop.web-0']);
    expect(command.slice(-2)).toEqual(['node', 'web.ts']);
  });

  it('runs as the user of its security context, and as its own group', () => {
    expect(launched({ securityContext: { runAsUser: 2102 } })).toEqual(
      expect.arrayContaining(['--reuid=2102', '--regid=2102', '--clear-groups']),
    );
    expect(launched({})).toEqual(expect.arrayContaining(['--reuid=0', '--regid=0']));
  });

  it('takes from root what container runtimes take', () => {
    const bounds = launched({}).find((part) => part.startsWith('--bounding-set='));
    expect(bounds).toContain('-all');
    expect(bounds).not.toMatch(/sys_admin|net_admin|sys_ptrace/);
  });

  it('mounts volumes, and parts of volumes, where the container wants them', () => {
    const command = launched({
      volumeMounts: [
        { name: 'token', mountPath: '/var/run/secrets/tokens' },
        { name: 'data', mountPath: '/run/data', subPath: 'today' },
      ],
    });
    const at = command.indexOf('2');
    expect(command.slice(at, at + 5)).toEqual([
      '2',
      'volumes/token',
      '/var/run/secrets/tokens',
      'volumes/data/today',
      '/run/data',
    ]);
  });
});

describe('the folder in which applications start', () => {
  it('is seen inside the project, where its libraries are, or at a place of its own', () => {
    expect(workingDirectory(machine)).toBe('/weft/build/deploy/examples/shop');
    expect(workingDirectory({ ...machine, app: '/src/weft' })).toBe('/weft/build');
    expect(workingDirectory({ ...machine, app: '/home/me/shop' })).toBe('/weft/app');
    expect(workingDirectory({ ...machine, app: '/src/weft-shop' })).toBe('/weft/app');
  });
});
