import { defaultValues } from '@weft/injector';
import { Command } from 'commander';
import { withSwitchValues } from '../options/switch.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { addInjectFlags, type InjectFlags } from './flags.ts';
import { type InjectPlan, planOf } from './plan.ts';

/** What `weft inject` would do with these arguments, on a cluster with the chart's defaults. */
export function planFor(...args: string[]): InjectPlan {
  const command = addInjectFlags(new Command('inject'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(withSwitchValues(command, args), { from: 'user' });
  const values = { ...defaultValues, identityTrustAnchorsPEM: 'anchors', linkerdVersion: 'v1' };
  return planOf(command.opts<InjectFlags & FlagValues>(), values);
}
