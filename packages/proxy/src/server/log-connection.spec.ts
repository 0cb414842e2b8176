import { describe, expect, it } from '@jest/globals';
import { memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { logConnection } from './log-connection.ts';

const target = { ip: '10.0.0.1', port: 80 };

describe('a connection', () => {
  it('has a line when it comes and one when it is over', () => {
    const log = new RecordingLogger();
    const finished = logConnection(log, memoryConnectionPair()[0], target);
    finished();
    const fields = { client: '127.0.0.1:1002', target: '10.0.0.1:80' };
    expect(log.lines).toEqual([
      { level: 'debug', message: 'Connection accepted', fields },
      { level: 'debug', message: 'Connection finished', fields },
    ]);
  });

  it('has none while nobody listens', () => {
    const log = new RecordingLogger('info');
    logConnection(log, memoryConnectionPair()[0], target)();
    expect(log.lines).toEqual([]);
  });
});
