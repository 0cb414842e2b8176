import { describe, expect, it } from '@jest/globals';
import { connectTcp } from '../transport/connect-tcp.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { reportingFailures } from './connect-application.ts';

const never = new AbortController().signal;

describe('connecting to the application', () => {
  it('says in the log that nothing listens on its port', async () => {
    const listener = await listenLoopback();
    const target = listener.address;
    listener.close();
    const log = new RecordingLogger();
    const connect = reportingFailures(connectTcp(target, { timeoutMs: 1000 }), target, log);
    await expect(connect(never)).rejects.toMatchObject({ code: 'refused' });
    expect(log.lines).toMatchObject([
      {
        level: 'info',
        message: 'Failed to connect',
        fields: { endpoint: `127.0.0.1:${target.port}`, error: { code: 'refused' } },
      },
    ]);
  });

  it('has nothing to say about a client that gave up', async () => {
    const listener = await listenLoopback();
    const log = new RecordingLogger();
    const connect = reportingFailures(
      connectTcp(listener.address, { timeoutMs: 1000 }),
      listener.address,
      log,
    );
    await expect(connect(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(log.lines).toEqual([]);
    listener.close();
  });
});
