import { beforeAll, describe, expect, it } from '@jest/globals';
import { weft } from '../../proxy-program.builder.ts';
import { linkerd } from '../makes.builder.ts';
import { adminProbes } from './admin-probes.builder.ts';
import { ComparedWorld } from './compared-world.builder.ts';
import { deliberate } from './deliberate-differences.builder.ts';
import { compareAnswers, compareMetrics, type Difference, text } from './difference.builder.ts';
import { inboundProbes } from './inbound-probes.builder.ts';
import { type Metrics, readMetrics } from './metrics.builder.ts';
import type { Observed } from './observed.builder.ts';
import { outboundProbes } from './outbound-probes.builder.ts';

const groups = { outbound: outboundProbes, inbound: inboundProbes, admin: adminProbes };

interface Run {
  readonly answers: ReadonlyMap<string, Observed>;
  readonly metrics: Metrics;
}

async function look(world: ComparedWorld): Promise<Run> {
  const answers = new Map<string, Observed>();
  for (const [group, probes] of Object.entries(groups))
    for (const { name, ask } of probes) answers.set(`${group}, ${name}`, await ask(world));
  const { text: page } = await world.proxy.admin('/metrics');
  return { answers, metrics: readMetrics(page) };
}

const unlisted = (differences: Difference[]): string[] =>
  differences.filter((each) => !deliberate.some(({ covers }) => covers(each))).map(text);

describe('under the same control plane', () => {
  let stock: Run;
  let own: Run;

  beforeAll(async () => {
    const world = await ComparedWorld.start();
    try {
      stock = await world.run(linkerd, () => look(world));
      own = await world.run(weft, () => look(world));
    } finally {
      await world.stop();
    }
  }, 180_000);

  it.each(Object.entries(groups).flatMap(([group, probes]) => probes.map(({ name }) => `${group}, ${name}`)))(
    '%s is answered alike',
    (name) => {
      const [theirs, ours] = [stock.answers.get(name) ?? {}, own.answers.get(name) ?? {}];
      expect(Object.keys(theirs)).not.toEqual([]);
      expect(unlisted(compareAnswers(name, theirs, ours))).toEqual([]);
    },
  );

  it('the metrics tell the same', () => {
    expect(unlisted(compareMetrics(stock.metrics, own.metrics))).toEqual([]);
  });
});
