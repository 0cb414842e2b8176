import { type Config, setting } from './settings.ts';
import { values } from './values.ts';

/** The settings every service has. A service spreads them into its own and overrides defaults there. */
export const baseSettings = {
  adminAddr: setting({
    flag: 'admin-addr',
    value: values.listenAddress,
    default: ':9990',
    help: 'address of /live, /ready and /metrics',
  }),
  logLevel: setting({
    flag: 'log-level',
    value: values.logLevel,
    default: 'info',
    help: 'least severe level that is logged: trace, debug, info, warn, error or off',
  }),
  logFormat: setting({
    flag: 'log-format',
    value: values.logFormat,
    default: 'plain',
    help: 'plain or json',
  }),
  shutdownGracePeriod: setting({
    flag: 'shutdown-grace-period',
    value: values.duration,
    default: '20s',
    help: 'how long an orderly shutdown may take',
  }),
};

export type BaseConfig = Config<typeof baseSettings>;
