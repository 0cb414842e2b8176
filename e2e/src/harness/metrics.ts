import type { Mesh } from './mesh.ts';

export type Labels = Readonly<Record<string, string>>;

/** Sums the samples of a proxy's metric that have these labels. */
export async function metric(mesh: Mesh, podIp: string, name: string, labels: Labels = {}): Promise<number> {
  const page = await mesh.router('fetch.mjs', `http://${podIp}:4191/metrics`);
  return sumOf(page, name, labels);
}

export function sumOf(page: string, name: string, labels: Labels = {}): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
