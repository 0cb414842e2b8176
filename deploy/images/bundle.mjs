/**
 * Makes of the built packages what an image runs: programs without node_modules, only what they use in them.
 *
 *     node deploy/images/bundle.mjs proxy|controller DIRECTORY
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packages in CommonJS ask for Node's modules at run time. */
const require =
  "import { createRequire as weftRequire } from 'node:module'; const require = weftRequire(import.meta.url);";

/** zod brings its messages in fifty languages; English is imported apart from these. */
const onlyEnglish = {
  name: 'only-english',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

const images = {
  /** Each program is one file, which can be copied into other images. The proxy is bundled by its own package. */
  proxy: {
    entryPoints: {
      'proxy-init': 'packages/proxy-init/dist/main.js',
      'linkerd-await': 'packages/pod-tools/dist/await/main.js',
      'network-validator': 'packages/pod-tools/dist/network-validator/main.js',
    },
    outExtension: { '.js': '.js' },
    // `process.execve`, which await becomes its command by, announces itself as experimental.
    banner: { js: `#!/usr/bin/env -S node --disable-warning=ExperimentalWarning\n${require}` },
  },
  /** What several services use is there once. */
  controller: {
    entryPoints: {
      identity: 'packages/identity/dist/main.js',
      destination: 'packages/destination/dist/main.js',
      'proxy-injector': 'packages/injector/dist/main.js',
    },
    splitting: true,
    chunkNames: 'shared/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: { js: require },
    // Nest asks for these and does without.
    external: [
      '@nestjs/microservices',
      '@nestjs/platform-express',
      '@nestjs/websockets',
      'class-transformer',
      'class-validator',
    ],
  },
};

const [image, outdir] = process.argv.slice(2);
const chosen = Object.hasOwn(images, image ?? '') ? images[image] : undefined;
if (chosen === undefined || outdir === undefined) {
  console.error(`usage: bundle.mjs ${Object.keys(images).join('|')} DIRECTORY`);
  process.exit(2);
}

const { metafile } = await build({
  ...chosen,
  entryPoints: Object.fromEntries(
    Object.entries(chosen.entryPoints).map(([name, path]) => [name, join(root, path)]),
  ),
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  minifySyntax: true,
  minifyWhitespace: true,
  // Identifiers stay as they are, so stack traces and Nest's messages name classes and functions. `keepNames` is not
  // used: it names every closure when it is made, which costs a stream of destination 3 KB and each service 2 MB.
  legalComments: 'linked',
  plugins: [onlyEnglish],
  metafile: true,
  logLevel: 'warning',
});
for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
  // esbuild escapes everything but regular expressions. One character beyond ASCII, and Node keeps all of the
  // source at two bytes a character for as long as the program runs.
  const foreign =
    /\.m?js$/.test(file) && /.{0,30}[^\0-\x7f].{0,30}/.exec(readFileSync(join(root, file), 'utf8'));
  if (foreign) throw new Error(`${file} is not ASCII (write \\u… instead): ${foreign[0]}`);
  console.log(`${file} ${bytes}`);
}
