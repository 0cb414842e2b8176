import { parseArgs } from 'node:util';
import { LocalControlPlane } from '../control-plane/local-control-plane.ts';
import { controlPlane } from '../control-plane/names.ts';
import { followLifeline } from './lifeline.ts';
import { Mesh } from './mesh.ts';
import { meshPaths } from './paths.ts';
import { StateFile } from './state-file.ts';
import { Watch } from './watch.ts';

const LIFELINE = 3;

const { values } = parseArgs({
  options: {
    mesh: { type: 'string', default: '' },
    directory: { type: 'string', default: '' },
    app: { type: 'string', default: '' },
    for: { type: 'string' },
    version: { type: 'string', default: 'dev' },
    json: { type: 'boolean', default: false },
    'leaf-lifetime': { type: 'string', default: '86400' },
  },
});

const ending = Promise.withResolvers<void>();
followLifeline(LIFELINE, ending.resolve);
if (values.for !== undefined) setTimeout(ending.resolve, Number(values.for));

const options = {
  ...meshPaths(values.app),
  meshId: values.mesh,
  directory: values.directory,
  clusterDomain: controlPlane.clusterDomain,
  version: values.version,
  leafLifetime: Number(values['leaf-lifetime']),
};
const mesh = new Mesh(options, new LocalControlPlane(options));
await mesh.start();
const stateFile = new StateFile(mesh, options);
const watch = new Watch(mesh, options, { json: values.json });

await ending.promise;
await watch.end();
stateFile.close();
await mesh.stop();
process.exit(0);
