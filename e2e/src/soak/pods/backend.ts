// A service of every kind: HTTP/1 with bodies of both framings, gRPC, an echo of opaque bytes.
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { frame } from './grpc-frame.ts';
import { grpcMethods, onShutdown, ports, slow, streamed } from './settings.ts';

const answer: RequestListener = async (request, response) => {
  const [, what, size = '0'] = (request.url ?? '/').split('/');
  request.on('error', () => response.destroy());
  if (what === 'echo') {
    const length = request.headers['content-length'];
    if (length !== undefined) response.setHeader('content-length', length);
    request.pipe(response);
  } else if (what === 'bytes') {
    request.resume();
    response.setHeader('content-length', size).end(Buffer.alloc(Number(size), 'b'));
  } else if (what === 'slow') {
    request.resume();
    for (let part = 0; part < slow.parts && !response.destroyed; part++) {
      response.write(Buffer.alloc(slow.partBytes, 's'));
      await pause(slow.everyMs);
    }
    response.end();
  } else {
    request.resume();
    response.writeHead(404).end();
  }
};

async function answerGrpc(stream: ServerHttp2Stream, path: string): Promise<void> {
  const parts: Buffer[] = [];
  stream.on('error', () => undefined); // Callers leave when they like.
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  if (path === grpcMethods.unary) {
    for await (const part of stream) parts.push(part as Buffer);
    stream.end(Buffer.concat(parts));
    return;
  }
  stream.resume();
  for (let sent = 0; sent < streamed.messages && !stream.destroyed; sent++) {
    stream.write(frame(Buffer.alloc(1000, 'm')));
    await pause(streamed.everyMs);
  }
  if (!stream.destroyed) stream.end();
}

const grpc = createHttp2();
grpc.on('sessionError', () => undefined);
grpc.on('stream', (stream: ServerHttp2Stream, headers) => {
  answerGrpc(stream, String(headers[':path'])).catch(() => stream.destroy());
});
const echoes = [ports.opaque, ports.tcp].map((port) =>
  createTcp({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  }).listen(port),
);
const http = createHttp(answer);
http.listen(ports.http);
createHttp(answer).listen(ports.guarded);
createHttp(answer).listen(ports.closed);
createHttp((_request, response) => response.end('well\n')).listen(ports.health);
grpc.listen(ports.grpc);
onShutdown(() => {
  http.close();
  grpc.close();
  for (const echo of echoes) echo.close();
});
