import { describe, expect, it } from '@jest/globals';
import { meshOfCommandLine, sandboxCommand } from './command.ts';

describe('the command that runs a mesh', () => {
  it('dies with its parent and takes everything in its namespaces along', () => {
    const command = sandboxCommand({ meshId: 'a1b2c3', isRoot: true, command: ['node', 'mesh.js'] });
    expect(command.slice(0, 4)).toEqual(['setpriv', '--pdeathsig', 'KILL', 'unshare']);
    expect(command).toEqual(
      expect.arrayContaining(['--mount', '--net', '--pid', '--fork', '--kill-child=KILL']),
    );
    expect(command).not.toContain('--user');
  });

  it('takes a user namespace, with all its ids, where the user is not root', () => {
    const command = sandboxCommand({ meshId: 'a1b2c3', isRoot: false, command: ['node'] });
    expect(command).toEqual(expect.arrayContaining(['--user', '--map-root-user', '--map-auto']));
  });

  it('is known again in the process table by its first process alone', () => {
    const command = sandboxCommand({ meshId: 'a1b2c3', isRoot: true, command: ['node', 'mesh.js'] });
    expect(meshOfCommandLine(command.slice(command.indexOf('sh')))).toBe('a1b2c3');
    expect(meshOfCommandLine(command)).toBeUndefined();
    expect(meshOfCommandLine(['sh', '-c', 'true'])).toBeUndefined();
  });
});
