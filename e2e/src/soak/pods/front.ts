// A service that has its answers from another: its proxy carries requests both ways.
import { Agent, request as ask, createServer } from 'node:http';
import { lookup } from './names.ts';
import { onShutdown, ports } from './settings.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 20 });

const server = createServer((request, response) => {
  const { method = 'GET', url: path = '/', headers } = request;
  const { 'content-length': length } = headers;
  const framing = length === undefined ? {} : { 'content-length': length };
  const asked = ask(
    { host: 'backend', port: ports.http, method, path, agent, lookup, headers: framing },
    (answer) => {
      answer.on('error', () => response.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  asked.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  response.on('close', () => {
    if (!response.writableFinished) asked.destroy();
  });
  request.on('error', () => asked.destroy());
  request.pipe(asked);
});
server.listen(ports.http);
createServer((_request, response) => response.end('well\n')).listen(ports.health);
onShutdown(() => server.close());
