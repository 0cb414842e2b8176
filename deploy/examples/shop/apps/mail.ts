import { SMTPServer } from 'smtp-server';
import { setting } from './settings.ts';
import { onShutdown } from './shutdown.ts';

let received = 0;

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  onData(stream, _session, done) {
    stream.resume();
    stream.on('end', () => {
      received += 1;
      if (received % 100 === 0) console.log(`${received} mails received`);
      done();
    });
  },
});
server.on('error', (error) => console.error(`mail: ${error.message}`));
server.listen(Number(setting('PORT', '25')), () => console.log('mails are taken'));

onShutdown(() => new Promise((resolve) => server.close(() => resolve())));
