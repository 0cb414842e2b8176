import type { ServiceDefinition } from '@weft/service';
import { IdentityModule } from './identity.module.ts';
import { serveIdentity } from './serve-identity.ts';
import { identitySettings } from './settings.ts';

/** Identity as a process: what `runService` runs. */
export const identityService: ServiceDefinition<typeof identitySettings> = {
  name: 'identity',
  settings: identitySettings,
  module: (config) => IdentityModule.forRoot(config),
  start: serveIdentity,
};
