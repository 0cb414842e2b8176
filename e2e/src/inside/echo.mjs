// Answers HTTP on every port given with what it sees of the caller, as JSON: echo.mjs PORT…
import { createServer } from 'node:http';

for (const port of process.argv.slice(2)) {
  createServer(({ socket, url, headers }, response) => {
    const seen = { from: socket.remoteAddress, client: headers['l5d-client-id'] ?? '', path: url };
    response.end(JSON.stringify(seen));
  }).listen(Number(port), '0.0.0.0');
}
process.on('SIGTERM', () => process.exit(0));
