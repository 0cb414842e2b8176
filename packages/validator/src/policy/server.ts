import { defaultPolicyWords } from '@weft/policy';
import { z } from 'zod';
import { oneOf } from '../one-of.ts';

const protocols = ['unknown', 'HTTP/1', 'HTTP/2', 'gRPC', 'opaque', 'TLS'] as const;

const PORT_NAME = /^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/;

const isPort = (port: unknown) =>
  typeof port === 'string'
    ? PORT_NAME.test(port)
    : Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535;

const port = z.unknown().refine(isPort, 'must be a number from 1 to 65535 or the name of a container port');

export const serverSpec = z
  .looseObject({
    port,
    podSelector: z.looseObject({}).optional(),
    externalWorkloadSelector: z.looseObject({}).optional(),
    proxyProtocol: oneOf(protocols).optional(),
    accessPolicy: oneOf(defaultPolicyWords).optional(),
  })
  .refine(
    ({ podSelector, externalWorkloadSelector }) =>
      (podSelector === undefined) !== (externalWorkloadSelector === undefined),
    'must have one of podSelector and externalWorkloadSelector',
  );
