import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.ts';

const env = { KUBECONFIG: '/kubeconfig' };

describe('the arguments of the control plane benchmark', () => {
  it('measure everything quick unless told otherwise', () => {
    expect(parseArguments([], env)).toMatchObject({
      kubeconfig: '/kubeconfig',
      namespace: 'linkerd',
      only: ['memory', 'certify', 'streams', 'webhook'],
      streams: 5000,
    });
    expect(parseArguments(['--only', 'fleet,memory', '--pods', '30'], env)).toMatchObject({
      only: ['fleet', 'memory'],
      pods: 30,
    });
  });

  it.each([
    [['--only', 'speed'], env, '--only speed is no row; the rows are memory, certify'],
    [['--streams', '1.5'], env, '--streams is "1.5"; it must be a whole number above 0'],
    [[], {}, 'no cluster: set KUBECONFIG or give --kubeconfig'],
  ])('refuse %j', (argv, environment, message) => {
    expect(() => parseArguments(argv, environment)).toThrow(message);
  });
});
