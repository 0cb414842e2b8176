import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findFolders } from './folders.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'weft-folders-')));
});
afterEach(() => rmSync(root, { recursive: true }));

const file = (...path: string[]) => {
  const full = join(root, ...path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, '');
};

describe('a folder to run', () => {
  it('may hold its manifests itself; its applications then start there', async () => {
    file('web.yaml');
    expect(await findFolders(root)).toEqual({ manifests: root, app: root });
  });

  it('may hold them in manifests/, beside the package of its applications', async () => {
    file('shop', 'package.json');
    file('shop', 'manifests', 'web.yml');
    const shop = join(root, 'shop');
    expect(await findFolders(shop)).toEqual({ manifests: join(shop, 'manifests'), app: shop });
  });

  it('is refused by name when there is nothing in it', async () => {
    await expect(findFolders(root)).rejects.toThrow(`${root} holds no manifests`);
    await expect(findFolders(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'bad_directory' });
  });
});
