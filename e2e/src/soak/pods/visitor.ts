// A client that is let in now and then at one port, and never at another.
import { ask } from './http-client.ts';
import { ports } from './settings.ts';
import { steadily, tell } from './tally.ts';

const guarded = { url: `http://backend:${ports.guarded}/bytes/100`, expects: 100, mayBeDenied: true };
const closed = { url: `http://backend:${ports.closed}/bytes/100`, expects: 100, mayBeDenied: true };

steadily(5, 'GET of the guarded port', () => ask(guarded));
steadily(2, 'GET of the guarded port on a new connection', () => ask({ ...guarded, fresh: true }));
steadily(3, 'GET of the closed port', async () => {
  if ((await ask(closed)) === 'denied') return 'denied';
  throw new Error('the closed port let somebody in');
});
tell();
process.on('SIGTERM', () => process.exit(0));
