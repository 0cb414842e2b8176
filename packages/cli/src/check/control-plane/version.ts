import { type Category, type Check, type CheckContext, failed, passed } from '../engine/check.ts';
import { installedText } from '../objects.ts';

const ANCHOR = 'l5d-version-control';

export const installedVersion = (context: CheckContext) =>
  installedText(context, ['linkerdVersion'], 'unknown');

const canRetrieve: Check = {
  description: 'can retrieve the control plane version',
  anchor: ANCHOR,
  severity: 'fatal',
  retry: true,
  run: async (context) =>
    (await installedVersion(context)) === 'unknown'
      ? failed('linkerdVersion is not among its values')
      : passed,
};

const matches: Check = {
  description: 'control plane and cli versions match',
  anchor: ANCHOR,
  severity: 'warning',
  run: async (context) => {
    const version = await installedVersion(context);
    if (version === context.clientVersion) return passed;
    return failed(`control plane running ${version} but cli running ${context.clientVersion}`);
  },
};

export const controlPlaneVersion: Category = {
  name: 'control-plane-version',
  checks: [canRetrieve, matches],
};
