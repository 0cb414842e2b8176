import { isJsonObject, type JsonObject, memberAt, textAt } from '../../manifest/json.ts';
import { type Category, type Check, type CheckContext, failed, noneOf, passed } from '../engine/check.ts';
import { conditionOf, installedText, paths } from '../objects.ts';

/** What certificates allow clocks to differ by, where the installation says nothing. */
const DEFAULT_ALLOWANCE_MS = 20_000;
/** A kubelet renews its lease this often, so a lease may look that old. */
const LEASE_INTERVAL_MS = 10_000;
/** A lease may be late for other reasons than the clock. */
const LEASE_SLACK_MS = 5_000;

async function allowanceMs(context: CheckContext): Promise<number> {
  const path = ['identity', 'issuer', 'clockSkewAllowance'];
  const text = await installedText(context, path, '').catch(() => '');
  const match = /^(\d+)(ms|s|m)$/.exec(text);
  if (match === null) return DEFAULT_ALLOWANCE_MS;
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as 'ms' | 's' | 'm'];
}

const seconds = (ms: number) => `${(Math.abs(ms) / 1000).toFixed(1)} s`;

const thisMachine: Check = {
  description: "this machine's clock agrees with the API server's",
  severity: 'warning',
  remedy: 'set the clocks, by NTP for instance: certificates are judged by them',
  run: async (context) => {
    const [ahead, allowed] = await Promise.all([context.state.serverClockAhead(), allowanceMs(context)]);
    if (Math.abs(ahead) <= allowed) return passed;
    const where = ahead > 0 ? 'behind' : 'ahead of';
    return failed(
      `this machine is ${seconds(ahead)} ${where} the API server; ${seconds(allowed)} are tolerated`,
    );
  },
};

/**
 * Compares when kubelets say they renewed their leases with the API server's clock, `serverNow`. Nodes that are
 * not ready are left out: their leases are old because they are gone.
 */
export function nodeSkews(
  nodes: readonly JsonObject[],
  leases: readonly JsonObject[],
  serverNow: number,
  allowed: number,
): string[] {
  const ready = new Set(
    nodes.filter((node) => textAt(conditionOf(node, 'Ready') ?? null, 'status') === 'True').map(nameOf),
  );
  return leases.flatMap((lease) => {
    const renewed = Date.parse(textAt(lease, 'spec', 'renewTime'));
    if (!ready.has(nameOf(lease)) || Number.isNaN(renewed)) return [];
    const age = serverNow - renewed;
    if (age < -allowed) return [`node ${nameOf(lease)} is ${seconds(age)} ahead of the API server`];
    const behind = age - LEASE_INTERVAL_MS - LEASE_SLACK_MS;
    return behind > allowed
      ? [`node ${nameOf(lease)} is at least ${seconds(behind)} behind the API server`]
      : [];
  });
}

function nameOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'name');
}

const nodes: Check = {
  description: "the nodes' clocks agree with the API server's",
  severity: 'warning',
  remedy: 'set the clocks, by NTP for instance: a certificate is not valid yet where the clock is behind',
  run: async (context) => {
    const { state, now } = context;
    const [ahead, allowed, all, leases] = await Promise.all([
      state.serverClockAhead(),
      allowanceMs(context),
      state.list(paths.nodes),
      state.list(paths.nodeLeases),
    ]);
    return noneOf(nodeSkews(all, leases, now + ahead, allowed));
  },
};

export const clocks: Category = { name: 'weft-clocks', checks: [thisMachine, nodes] };

/** A node's last word of itself may be this old. */
const HEARTBEAT_MS = 310_000;

/** The check that Linkerd makes before an installation: nodes have been heard of recently. */
export const noClockSkew: Check = {
  description: 'no clock skew detected',
  anchor: 'pre-k8s-clock-skew',
  severity: 'warning',
  run: async ({ state, now }) => {
    const [all, ahead] = await Promise.all([state.list(paths.nodes), state.serverClockAhead()]);
    return noneOf(
      all.flatMap((node) => {
        const ready = conditionOf(node, 'Ready');
        const heartbeat = Date.parse(textAt(ready ?? null, 'lastHeartbeatTime'));
        const isReady = isJsonObject(ready) && memberAt(ready, 'status') === 'True';
        if (!isReady || Number.isNaN(heartbeat) || now + ahead - heartbeat <= HEARTBEAT_MS) return [];
        return [`node ${nameOf(node)} was last heard of at ${new Date(heartbeat).toISOString()}`];
      }),
    );
  },
};
