import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.builder.ts';
import { Flag, FrameType } from './frame.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { frame } from './frames.builder.ts';

/** Writes down what it is told, DATA joined whatever pieces it came in. */
class Recorder implements FrameSink {
  closed = false;
  readonly frames: string[] = [];
  #streamId = 0;
  #content = '';

  frameReceived(
    type: number,
    flags: number,
    streamId: number,
    buffer: Buffer,
    start: number,
    end: number,
  ): void {
    this.frames.push(`${type} ${flags} ${streamId} ${buffer.toString('hex', start, end)}`);
  }

  dataStarted(streamId: number): void {
    this.#streamId = streamId;
    this.#content = '';
  }

  dataReceived(buffer: Buffer, start: number, end: number): void {
    this.#content += buffer.toString('hex', start, end);
  }

  dataFinished(endStream: boolean, content: number): void {
    expect(this.#content).toHaveLength(content * 2);
    this.frames.push(`data ${endStream} ${this.#streamId} ${this.#content}`);
  }
}

const anyFrame = fc
  .record({
    type: fc.integer({ min: 0, max: 12 }),
    endStream: fc.boolean(),
    padding: fc.option(fc.integer({ min: 0, max: 255 })),
    streamId: fc.integer({ min: 0, max: 0x7fff_ffff }),
    content: fc.uint8Array({ maxLength: 400 }),
  })
  .map(({ type, endStream, padding, streamId, content }) => {
    const flags = endStream ? Flag.EndStream : 0;
    const hex = Buffer.from(content).toString('hex');
    if (type !== FrameType.Data) {
      return {
        bytes: frame(type, flags, streamId, Buffer.from(content)),
        told: `${type} ${flags} ${streamId} ${hex}`,
      };
    }
    const told = `data ${endStream} ${streamId} ${hex}`;
    if (padding === null) return { bytes: frame(type, flags, streamId, Buffer.from(content)), told };
    const payload = Buffer.concat([Buffer.from([padding]), content, Buffer.alloc(padding)]);
    return { bytes: frame(type, flags | Flag.Padded, streamId, payload), told };
  });

describe('the frame reader', () => {
  it('finds the same frames wherever the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), cuts, (frames, sizes) => {
        const recorder = new Recorder();
        const reader = new FrameReader(recorder, 16_384);
        const bytes = Buffer.concat(frames.map((each) => each.bytes));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const to = at + sizes[i % sizes.length]!;
          reader.read(bytes.subarray(at, to), 0);
          at = to;
        }
        expect(recorder.frames).toEqual(frames.map((each) => each.told));
      }),
      propertyRuns(300),
    );
  });

  it('passes DATA on where it lies', () => {
    const chunk = frame(FrameType.Data, 0, 1, Buffer.from('body'));
    let seen: Buffer | null = null;
    const sink = new Recorder();
    sink.dataReceived = (buffer) => {
      seen = buffer;
    };
    sink.dataFinished = () => {};
    new FrameReader(sink, 16_384).read(chunk, 0);
    expect(seen).toBe(chunk);
  });

  it('reads nothing more for a closed sink', () => {
    const recorder = new Recorder();
    recorder.closed = true;
    new FrameReader(recorder, 16_384).read(frame(FrameType.Ping, 0, 0, Buffer.alloc(8)), 0);
    expect(recorder.frames).toEqual([]);
  });

  it.each([
    ['longer than the limit', frame(FrameType.Ping, 0, 0, Buffer.alloc(16_385)), /FRAME_SIZE_ERROR/],
    ['with more padding than payload', frame(FrameType.Data, Flag.Padded, 1, [4, 0, 0, 0]), /PROTOCOL_ERROR/],
    ['padded but empty', frame(FrameType.Data, Flag.Padded, 1), /FRAME_SIZE_ERROR/],
  ])('refuses a frame %s', (_what, bytes, message) => {
    expect(() => new FrameReader(new Recorder(), 16_384).read(bytes, 0)).toThrow(message);
  });
});
