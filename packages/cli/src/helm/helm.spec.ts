import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chartFolder } from './charts.ts';
import { renderChart } from './render-chart.ts';
import { runHelm } from './run-helm.ts';
import { readValueFlags } from './value-flags.ts';

const { signal } = new AbortController();
const before = process.env.HELM;
let folder: string;

/** Puts a program in helm's place. */
async function helmIs(script: string): Promise<void> {
  process.env.HELM = join(folder, 'helm');
  await writeFile(process.env.HELM, `#!/bin/sh\n${script}\n`);
  await chmod(process.env.HELM, 0o755);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-helm-'));
});

afterEach(async () => {
  if (before === undefined) delete process.env.HELM;
  else process.env.HELM = before;
  await rm(folder, { recursive: true });
});

describe('helm', () => {
  it('gets its input and gives its output', async () => {
    await helmIs('echo "$@"; cat');
    expect(await runHelm({ args: ['template', 'a b'], stdin: 'values', signal })).toBe(
      'template a b\nvalues',
    );
  });

  it('fails with what helm says, without the advice for chart authors', async () => {
    await helmIs(
      'echo "Error: proxy.uid: got string, want integer" >&2; echo "Use --debug flag" >&2; exit 1',
    );
    await expect(runHelm({ args: [], stdin: '', signal })).rejects.toMatchObject({
      code: 'render_failed',
      message: 'helm: proxy.uid: got string, want integer',
    });
  });

  it('says how to get helm where it is missing', async () => {
    process.env.HELM = join(folder, 'none');
    await expect(runHelm({ args: [], stdin: '', signal })).rejects.toMatchObject({
      code: 'helm_missing',
      message: expect.stringMatching(/helm\.sh\/docs\/intro\/install.*PATH.*HELM/s),
    });
  });

  it('ends with its signal', async () => {
    await helmIs('exec sleep 30');
    const stop = new AbortController();
    const running = runHelm({ args: [], stdin: '', signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

describe('values on the command line', () => {
  it('are none where no flag is given, without asking helm', async () => {
    process.env.HELM = join(folder, 'none');
    expect(await readValueFlags({}, signal)).toEqual({});
  });

  it('are read by helm, in the order of its flags', async () => {
    await helmIs(
      'printf -- "---\\n# Source: values\\nglobal: {}\\nargs: \\"%s\\"\\n" "$(shift 3; echo "$@")"',
    );
    const flags = { values: ['a.yaml', 'b.yaml'], set: ['c=d'], setString: ['e=1'], setFile: ['f=g.pem'] };
    expect(await readValueFlags(flags, signal)).toEqual({
      args: '--values a.yaml --values b.yaml --set c=d --set-string e=1 --set-file f=g.pem',
    });
  });
});

describe('a rendered chart', () => {
  it('takes its values from standard input and looks things up in the cluster that is used', async () => {
    await helmIs(
      'printf "kind: Run\\nargs: %s\\n---\\n# nothing\\n---\\nkind: Stdin\\n" "$(shift 3; echo "$@")"; cat',
    );
    const options = {
      chart: 'weft-crds' as const,
      namespace: 'mesh',
      values: { installGatewayAPI: true },
      kubeVersion: 'v1.34.0',
      lookIn: { linkerdNamespace: 'mesh', kubeconfig: 'k', context: 'c', as: 'ada', asGroup: ['dev'] },
      signal,
    };
    expect(await renderChart(options)).toEqual([
      {
        kind: 'Run',
        args: '--namespace mesh --kube-version v1.34.0 --values - --dry-run=server --kubeconfig k --kube-context c --kube-as-user ada --kube-as-group dev',
      },
      { kind: 'Stdin', installGatewayAPI: true },
    ]);
  });

  it('is found beside the program', () => {
    expect(chartFolder('weft-control-plane')).toMatch(/deploy\/charts\/weft-control-plane$/);
  });
});
