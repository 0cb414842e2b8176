import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export type Chart = 'weft-crds' | 'weft-control-plane';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into
  readonly [field: string]: any;
}

const charts = fileURLToPath(new URL('../..', import.meta.url));

export const directoryOf = (chart: Chart): string => join(charts, chart);

/** Runs helm. @throws Error with what it said on stderr. */
export function helm(...args: readonly string[]): string {
  try {
    return execFileSync(process.env.HELM ?? 'helm', args, {
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`${stderr ?? ''}${stdout ?? ''}` || String(error));
  }
}

export interface RenderOptions {
  readonly values?: object;
  readonly files?: readonly string[];
  readonly namespace?: string;
}

/** A chart's objects. */
export function render(chart: Chart, { values = {}, files = [], namespace = 'linkerd' }: RenderOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'weft-values-'));
  try {
    const own = join(directory, 'values.json');
    writeFileSync(own, JSON.stringify(values));
    const named = [...files.map((file) => join(directoryOf(chart), file)), own];
    const text = helm(
      ...['template', 'weft', directoryOf(chart), '-n', namespace, '--kube-version', '1.34.0'],
      ...named.flatMap((file) => ['-f', file]),
    );
    return parseAllDocuments(text)
      .map((document) => {
        for (const error of document.errors) throw error;
        return document.toJS() as KubernetesObject | null;
      })
      .filter((object) => object !== null);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Values without which the control plane is not rendered. */
export const certificates = {
  identityTrustAnchorsPEM: '-----BEGIN CERTIFICATE-----\nroot\n-----END CERTIFICATE-----\n',
  identity: {
    issuer: {
      tls: {
        crtPEM: '-----BEGIN CERTIFICATE-----\nissuer\n-----END CERTIFICATE-----\n',
        keyPEM: '-----BEGIN EC PRIVATE KEY-----\nsecret\n-----END EC PRIVATE KEY-----\n',
      },
    },
  },
};

export const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

export function find(objects: readonly KubernetesObject[], name: string): KubernetesObject {
  const found = objects.find((object) => nameOf(object) === name);
  if (found === undefined) throw new Error(`no ${name} among ${objects.map(nameOf).join(', ')}`);
  return found;
}
