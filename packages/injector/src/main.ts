import { runService } from '@weft/service';
import { InjectorModule } from './webhook/injector.module.ts';
import { serveInjector } from './webhook/serve-injector.ts';
import { injectorSettings } from './webhook/settings.ts';

process.exitCode = await runService(
  {
    name: 'proxy-injector',
    settings: injectorSettings,
    module: (config) => InjectorModule.forRoot(config),
    start: serveInjector,
  },
  { argv: process.argv.slice(2), env: process.env },
);
