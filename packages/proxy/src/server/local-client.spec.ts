import { describe, expect, it } from '@jest/globals';
import { RecordingListener, responseHead } from '../http1/recording-listener.builder.ts';
import { RecordedResponse, requestHead } from '../http1/recording-response.builder.ts';
import { LocalClient } from './local-client.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('an endpoint inside the process', () => {
  it('hears the request and is heard', async () => {
    const listener = new RecordingListener((request) => request.answer(200, `got ${request.body}`));
    const response = new RecordedResponse();
    const stream = new LocalClient(listener.listen).request(requestHead('POST', '/'), false, response);
    stream.writeData(Buffer.from('a body'));
    stream.end(null);
    expect(response.head).toBeNull();
    await nextTurn();
    expect(response).toMatchObject({ ended: true, body: 'got a body' });
    expect(response.head?.status).toBe(200);
  });

  it('waits for a reader that has paused', async () => {
    const listener = new RecordingListener();
    const response = new RecordedResponse();
    const stream = new LocalClient(listener.listen).request(requestHead('GET', '/'), true, response);
    await nextTurn();
    stream.pauseResponse();
    listener.last.stream.writeHead(responseHead(200), false);
    expect(listener.last.stream.writeData(Buffer.from('x'))).toBe(false);
    stream.resumeResponse();
    expect(listener.last.drains).toBe(1);
  });

  it('is told when the client gives up, and says nothing more', async () => {
    const listener = new RecordingListener();
    const response = new RecordedResponse();
    const stream = new LocalClient(listener.listen).request(requestHead('GET', '/'), true, response);
    await nextTurn();
    stream.reset({ kind: 'reset', code: 8 });
    listener.last.answer(200, 'late');
    expect(listener.last.reset).toEqual({ kind: 'reset', code: 8 });
    expect(response.head).toBeNull();
  });
});
