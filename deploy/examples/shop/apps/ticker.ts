import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

const TICK_MS = 500;

const http = createServer((_request, response) => response.end('the price is told over WebSocket\n'));
const sockets = new WebSocketServer({ server: http, path: '/prices' });

let price = 100;
const timer = setInterval(() => {
  price = Math.max(50, price + Math.round(Math.random() * 10 - 5));
  for (const client of sockets.clients) client.send(JSON.stringify({ price }));
}, TICK_MS);

http.listen(Number(setting('PORT', '8080')), () => console.log('the ticker runs'));

onShutdown(() => {
  clearInterval(timer);
  for (const client of sockets.clients) client.close(1001);
  http.close();
});
