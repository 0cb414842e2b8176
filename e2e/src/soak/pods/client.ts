// A mix of everything that a proxy carries, at a steady pace; about 130 requests a second.
import { echo, resetDuringEcho } from './echo-client.ts';
import { GrpcClient } from './grpc-client.ts';
import { ask, leaveDuringAnswer, leaveDuringRequest } from './http-client.ts';
import { ports } from './settings.ts';
import { steadily, tell } from './tally.ts';

const NEW_GRPC_CONNECTION_MS = 20_000;

const front = `http://front:${ports.http}`;
const backend = `http://backend:${ports.http}`;
const small = Buffer.alloc(1000, 'p');
const large = Buffer.alloc(100_000, 'p');
const grpc = new GrpcClient(`http://backend:${ports.grpc}`);
setInterval(() => grpc.replaceConnection(), NEW_GRPC_CONNECTION_MS);

steadily(25, 'GET', () => ask({ url: `${backend}/bytes/500`, expects: 500 }));
steadily(20, 'GET by way of front', () => ask({ url: `${front}/bytes/2000`, expects: 2000 }));
steadily(10, 'GET on a new connection', () =>
  ask({ url: `${backend}/bytes/20000`, expects: 20_000, fresh: true }),
);
steadily(10, 'GET of the guarded port', () =>
  ask({ url: `http://backend:${ports.guarded}/bytes/100`, expects: 100 }),
);
steadily(10, 'POST', () => ask({ url: `${backend}/echo`, body: small, expects: small.length }));
steadily(3, 'POST of 100 KB', () => ask({ url: `${backend}/echo`, body: large, expects: large.length }));
steadily(5, 'POST in chunks', () =>
  ask({ url: `${front}/echo`, body: large.subarray(0, 20_000), chunked: true, expects: 20_000 }),
);
steadily(20, 'gRPC, unary', () => grpc.unary(500));
steadily(2, 'gRPC, unary, 50 KB', () => grpc.unary(50_000));
steadily(5, 'gRPC, streaming', () => grpc.stream());
steadily(2, 'gRPC, cancelled', () => grpc.cancel());
steadily(3, 'opaque echo on a new connection', () => echo(ports.opaque, 1));
steadily(1, 'opaque echo, ten times', () => echo(ports.opaque, 10, 100));
steadily(2, 'opaque echo, reset', () => resetDuringEcho(ports.opaque));
steadily(2, 'TCP echo on a new connection', () => echo(ports.tcp, 1));
steadily(1, 'TCP echo, ten times', () => echo(ports.tcp, 10, 100));
steadily(2, 'left during the answer', () => leaveDuringAnswer(`${backend}/slow`));
steadily(2, 'left during the answer by way of front', () => leaveDuringAnswer(`${front}/slow`));
steadily(2, 'left during the request', () => leaveDuringRequest(`${backend}/echo`, large));
tell();
process.on('SIGTERM', () => process.exit(0));
