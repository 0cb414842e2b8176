/** The import rules of docs/architecture.md, as a program checks them. */
const rooms = {
  policy: ['proto'],
  kubernetes: [],
  service: ['proto'],
  identity: ['service', 'kubernetes', 'proto'],
  destination: ['service', 'kubernetes', 'policy', 'validator', 'proto'],
  admission: ['service'],
  validator: ['admission', 'policy', 'proto'],
  injector: ['service', 'kubernetes', 'admission', 'validator'],
  proxy: ['policy', 'proto'],
  'proxy-init': [],
  'pod-tools': [],
};

const allowed = (room) =>
  [room, ...rooms[room]].map((name) => (name === 'proto' ? '^proto/' : `^packages/${name}/`)).join('|');

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      comment: 'The cruiser does not know the built-in module node:ffi yet.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(node:)?ffi$' },
    },
    {
      name: 'public-entry-only',
      comment: "Packages meet only at their exports: nobody reaches into another package's src.",
      severity: 'error',
      from: { path: '^(packages/[^/]+|bench|e2e)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: '^$1/' },
    },
    {
      name: 'no-nest-in-the-proxy',
      severity: 'error',
      from: { path: '^packages/(proxy|policy|proxy-init|pod-tools|kubernetes)/' },
      to: { path: 'node_modules/(@nestjs|rxjs|@grpc)/' },
    },
    ...Object.keys(rooms).map((room) => ({
      name: `room-${room}`,
      comment: `What packages/${room} may import.`,
      severity: 'error',
      from: { path: `^packages/${room}/` },
      to: { path: '^(packages|proto)/', pathNot: allowed(room) },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '(^|/)(dist|\\.results)/' },
    moduleSystems: ['es6'],
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default', 'types'] },
  },
};
