import { status } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../service-error.ts';
import type { Cursor } from './cursor.ts';
import { LatestState } from './latest-state.ts';
import type { GrpcStatus } from './status.ts';
import { StreamPump } from './stream-pump.ts';

const text = (value: string) => Buffer.from(value);

/** A transport that takes a message only when the test lets it. */
function transport() {
  const written: string[] = [];
  const ends: GrpcStatus[] = [];
  const waiting: (() => void)[] = [];
  return {
    written,
    ends,
    waiting,
    take: () => waiting.shift()?.(),
    write: (message: Uint8Array, sent: () => void) => {
      written.push(Buffer.from(message).toString());
      waiting.push(sent);
    },
    end: (end: GrpcStatus) => void ends.push(end),
  };
}

function pumped(cursor: Cursor) {
  const sink = transport();
  const errors: unknown[] = [];
  const ended: (GrpcStatus | undefined)[] = [];
  const pump = new StreamPump(cursor, sink, {
    onError: (error) => errors.push(error),
    onEnd: (end) => ended.push(end),
  });
  pump.start();
  return { sink, pump, errors, ended };
}

describe('a pumped stream', () => {
  it('sends what the state is and then every change', () => {
    const state = new LatestState(text('one'));
    const { sink } = pumped(state.cursor());
    sink.take();
    state.set(text('two'));
    expect(sink.written).toEqual(['one', 'two']);
  });

  it('has one message under way for a reader that takes none, and skips to the latest when it does', () => {
    const state = new LatestState(text('0'));
    const { sink } = pumped(state.cursor());
    for (let version = 1; version <= 1000; version += 1) state.set(text(String(version)));
    expect(sink.written).toEqual(['0']);
    sink.take();
    expect(sink.written).toEqual(['0', '1000']);
    sink.take();
    expect(sink.waiting).toHaveLength(0);
  });

  it('does not repeat a state that is set to the same bytes', () => {
    const state = new LatestState(text('one'));
    const { sink } = pumped(state.cursor());
    sink.take();
    state.set(text('one'));
    expect(sink.written).toEqual(['one']);
  });

  it('waits without a message for a state that is not there yet', () => {
    const state = new LatestState();
    const { sink } = pumped(state.cursor());
    expect(sink.written).toEqual([]);
    state.set(text('first'));
    expect(sink.written).toEqual(['first']);
  });

  it('ends with OK after the last message when the state is closed', () => {
    const state = new LatestState(text('one'));
    const { sink, ended } = pumped(state.cursor());
    state.set(text('last'));
    state.close();
    expect(sink.ends).toEqual([]);
    sink.take();
    sink.take();
    expect(sink.written).toEqual(['one', 'last']);
    expect(sink.ends).toEqual([{ code: status.OK, details: 'OK' }]);
    expect(ended).toHaveLength(1);
    expect(state.readers).toBe(0);
  });

  it('ends with the status of the error the state is closed with', () => {
    const state = new LatestState();
    const { sink, errors } = pumped(state.cursor());
    state.close(new ServiceError('not_found', 'no such service'));
    expect(sink.ends).toEqual([{ code: status.NOT_FOUND, details: 'no such service' }]);
    expect(errors).toHaveLength(1);
  });

  it('hides the text of an error nobody expected', () => {
    const { sink, errors, ended } = pumped({
      next: () => {
        throw new Error('password is hunter2');
      },
      onChange: () => () => {},
      closed: false,
    });
    expect(sink.ends).toEqual([{ code: status.INTERNAL, details: 'internal error' }]);
    expect(errors).toHaveLength(1);
    expect(ended).toHaveLength(1);
  });

  it('lets go of the state once, whatever ends it and however often', () => {
    const state = new LatestState(text('one'));
    let released = 0;
    const inner = state.cursor();
    const { pump, sink, ended } = pumped({
      next: () => inner.next(),
      onChange: (callback) => {
        const release = inner.onChange(callback);
        return () => {
          released += 1;
          release();
        };
      },
      get closed() {
        return inner.closed;
      },
    });
    pump.cancel();
    pump.end();
    pump.cancel();
    sink.take();
    state.set(text('two'));
    expect(sink.written).toEqual(['one']);
    expect(released).toBe(1);
    expect(ended).toEqual([undefined]);
    expect(state.readers).toBe(0);
  });

  it('lets go of a state that ends while it is being subscribed to', () => {
    let released = 0;
    const { sink } = pumped({
      next: () => undefined,
      onChange: (callback) => {
        callback();
        return () => {
          released += 1;
        };
      },
      closed: true,
    });
    expect(sink.ends).toHaveLength(1);
    expect(released).toBe(1);
  });
});
