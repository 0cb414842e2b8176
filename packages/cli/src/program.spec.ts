import { describe, expect, it } from '@jest/globals';
import { createProgram } from './program.ts';

describe('the command line', () => {
  it('offers the local mesh', () => {
    const local = createProgram().commands.find((command) => command.name() === 'local');
    expect(local?.commands.map((command) => command.name())).toEqual([
      'run',
      'control-plane',
      'token',
      'exec',
      'logs',
      'down',
    ]);
  });

  it('takes a container’s command after two dashes as it is', () => {
    const local = createProgram().commands.find((command) => command.name() === 'local')!;
    const exec = local.commands.find((command) => command.name() === 'exec')!;
    const parsed = exec.exitOverride().parseOptions(['-c', 'web', 'web-0', '--', 'ls', '-l']);
    expect(parsed.operands).toEqual(['web-0', 'ls', '-l']);
    expect(exec.opts()).toMatchObject({ container: 'web' });
  });
});
