import { describe, expect, it } from '@jest/globals';
import { invalidServerPolicy, type ServerPolicy } from '@weft/policy';
import { detect, identities, opaque, routeTo, serverPolicy } from '../policy/server.builder.ts';
import { describePorts } from './describe-inbound.ts';

const describeOne = (policy: ServerPolicy) => describePorts([{ port: 8080, listed: true, policy }]).shown[0];

describe('a port', () => {
  it('is told with its server, its routes and who may use it', () => {
    const policy = serverPolicy({
      protocol: detect({ routes: [routeTo('/api')] }),
      authorizations: [identities('only-web', 'web.shop')],
    });
    expect(describeOne(policy)).toMatchObject({
      port: 8080,
      listed: true,
      server: 'server:web',
      protocol: 'detect',
      routes: { total: 1 },
      authorizations: {
        total: 2,
        shown: [
          {
            name: 'authorizationpolicy:only-web',
            audit: false,
            clients: { identities: { total: 1, shown: ['web.shop'] } },
          },
          { name: 'default:localhost', clients: 'any' },
        ],
      },
    });
  });

  it('that is opaque has no routes', () => {
    const state = describeOne(serverPolicy({ protocol: opaque }));
    expect(state).toMatchObject({ protocol: 'opaque' });
    expect(state).not.toHaveProperty('routes');
  });

  it('whose policy makes no sense says why', () => {
    expect(describeOne(invalidServerPolicy('no protocol'))).toMatchObject({
      protocol: 'invalid',
      reason: 'no protocol',
    });
  });

  it('is one of many that are shown in part', () => {
    const ports = Array.from({ length: 5000 }, (_, port) => ({
      port,
      listed: false,
      policy: serverPolicy(),
    }));
    const { total, shown } = describePorts(ports);
    expect([total, shown.length]).toEqual([5000, 200]);
  });
});
