import { z } from 'zod';
import { oneOf } from '../one-of.ts';
import { networksSchema } from './networks.ts';

/** Without networks it means everything outside of the cluster. */
export const egressNetworkSpec = z.looseObject({
  trafficPolicy: oneOf(['Allow', 'Deny']),
  networks: networksSchema.optional(),
});
