import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HelmError } from './helm-error.ts';

export type ChartName = 'weft-crds' | 'weft-control-plane';

/** The folder of a chart: `deploy/charts` of the folder this program is in, or of one above it. */
export function chartFolder(name: ChartName): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const chart = join(folder, 'deploy', 'charts', name);
    if (existsSync(join(chart, 'Chart.yaml'))) return chart;
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  throw new HelmError(
    'chart_missing',
    `the chart ${name} is not beside this program: it belongs in deploy/charts/${name}`,
  );
}
