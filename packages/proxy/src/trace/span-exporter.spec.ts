import { describe, expect, it } from '@jest/globals';
import { GrpcClient } from '../grpc/client.ts';
import { frameMessage } from '../grpc/framing.ts';
import { GrpcServer, type ReceivedCall, transportTo } from '../grpc/grpc-server.builder.ts';
import { Registry } from '../metrics/registry.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { TraceMetrics } from './metrics.ts';
import { partialSuccess, readExport } from './otlp.builder.ts';
import { createOtlpEncoder } from './otlp-encoder.ts';
import { PARENT, spanOf, TRACE } from './span.builder.ts';
import { SpanExporter } from './span-exporter.ts';

/** When the monotonic clock was at zero, milliseconds since the epoch. */
const EPOCH = 1_767_323_045_000;

class Bench {
  readonly server = new GrpcServer();
  readonly metrics = new TraceMetrics(new Registry(0));
  readonly log = new RecordingLogger();
  loaded = 0;
  readonly exporter = new SpanExporter({
    client: new GrpcClient(transportTo(this.server), 'collector:4317'),
    loadEncoder: async () => {
      this.loaded += 1;
      return createOtlpEncoder({ 'service.name': 'orders', 'process.pid': 7 });
    },
    timeoutMs: 100,
    epoch: () => EPOCH,
    metrics: this.metrics,
    log: this.log,
  });

  constructor(answer: (call: ReceivedCall) => void) {
    this.server.answer = answer;
  }

  get exports() {
    return this.server.calls.map(({ request }) => readExport(Buffer.concat(request.chunks).subarray(5)));
  }
}

function take(call: ReceivedCall): void {
  call.sendBytes(frameMessage(Buffer.alloc(0)));
  call.end();
}

describe('the export of spans', () => {
  it('is what OTLP has it to be', async () => {
    const bench = new Bench(take);
    await bench.exporter.send([
      spanOf({ path: '/a?b', headers: ['host', 'orders'] }),
      spanOf({}, { kind: 'client', status: null }),
    ]);
    expect(bench.server.calls.map(({ head }) => head.path)).toEqual([
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    ]);
    const [received] = bench.exports;
    expect(received?.resource).toEqual({ 'service.name': 'orders', 'process.pid': '7' });
    expect(received?.scopes).toEqual(['weft-proxy']);
    expect(received?.spans).toMatchObject([
      {
        traceId: TRACE,
        spanId: '00f067aa0ba902b7',
        parentId: PARENT,
        name: '/a',
        kind: 2,
        startNs: 1_767_323_046_000_000_000n,
        endNs: 1_767_323_046_002_500_000n,
        attributes: { 'url.query': 'b', 'http.response.status_code': '200' },
      },
      { name: '/', kind: 3 },
    ]);
    expect(bench.metrics).toMatchObject({
      streams: { value: 1 },
      requests: { value: 1 },
      spans: { value: 2 },
    });
  });

  it('loads what it needs once, with the first spans', async () => {
    const bench = new Bench(take);
    expect(bench.loaded).toBe(0);
    await bench.exporter.send([spanOf()]);
    await bench.exporter.send([spanOf()]);
    expect(bench.loaded).toBe(1);
  });

  it('counts what the collector does not want', async () => {
    const bench = new Bench((call) => {
      call.sendBytes(frameMessage(partialSuccess(2)));
      call.end();
    });
    await bench.exporter.send([spanOf(), spanOf(), spanOf()]);
    expect(bench.metrics.spans.value).toBe(1);
    expect(bench.metrics.droppedFor.rejected.value).toBe(2);
  });

  it('forgets what fails, and says so once until it goes well again', async () => {
    const bench = new Bench((call) => call.refuse(14, 'full'));
    await bench.exporter.send([spanOf(), spanOf()]);
    await bench.exporter.send([spanOf()]);
    expect(bench.metrics.droppedFor.failed.value).toBe(3);
    expect(bench.log.lines).toMatchObject([{ level: 'warn', fields: { error: { code: 14 } } }]);
    bench.server.answer = take;
    await bench.exporter.send([spanOf()]);
    expect(bench.log.lines.slice(1)).toMatchObject([{ level: 'info' }]);
    expect(bench.metrics.spans.value).toBe(1);
  });

  it('gives up a collector that does not answer', async () => {
    const bench = new Bench(() => {});
    await bench.exporter.send([spanOf()]);
    expect(bench.metrics.droppedFor.failed.value).toBe(1);
  });
});
