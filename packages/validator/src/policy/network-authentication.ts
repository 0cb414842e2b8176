import { z } from 'zod';
import { networksSchema } from './networks.ts';

export const networkAuthenticationSpec = z.looseObject({ networks: networksSchema });
