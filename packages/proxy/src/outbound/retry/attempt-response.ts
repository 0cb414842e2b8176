import type { HeaderList, ResponseHead } from '../../http/message.ts';
import type { ResponseStream, StreamReset, Tunnel } from '../../http/stream.ts';
import type { OutboundAttempt } from './outbound-attempt.ts';

/**
 * What becomes of an answer: it is passed on; or it is read to its end and thrown away; or, where the request
 * is not yet complete, its stream is given up.
 */
export type Judgement = 'pass' | 'discard' | 'abandon';

/** What the attempts of one request tell the request. */
export interface AttemptListener {
  /** Before anything is passed on. `trailers` are those that followed closely, if any did. */
  onAnswer(attempt: OutboundAttempt, head: ResponseHead, trailers: HeaderList | null): Judgement;
  onInformational(head: ResponseHead): void;
  onHead(attempt: OutboundAttempt, head: ResponseHead, ended: boolean): void;
  onData(chunk: Buffer): void;
  onEnd(trailers: HeaderList | null): void;
  onReset(attempt: OutboundAttempt, reset: StreamReset): void;
  onPauseRequest(): void;
  onResumeRequest(): void;
  closeAfter(): void;
}

/** Bytes of an answer that nobody wants that are read so that its connection can be used again. */
const maxDiscarded = 64 * 1024;
/** RFC 9113 section 7. */
const CANCEL = 8;

type State =
  | { readonly kind: 'waiting' }
  /** HTTP/2 answers may say in trailers, right behind their first frame, that they are failures. */
  | { readonly kind: 'peeking'; readonly head: ResponseHead; readonly first: Buffer | null }
  | { readonly kind: 'passing' }
  /** Read to its end and thrown away. */
  | { readonly kind: 'discarding'; readonly bytes: number }
  | { readonly kind: 'over' };

const waiting: State = { kind: 'waiting' };
const passing: State = { kind: 'passing' };
const over: State = { kind: 'over' };

/** Where the answer of one attempt goes: to the application, or nowhere when the request is sent again. */
export class AttemptResponse implements ResponseStream {
  readonly #listener: AttemptListener;
  #attempt: OutboundAttempt | null = null;
  #state: State = waiting;

  constructor(listener: AttemptListener) {
    this.#listener = listener;
  }

  /** Whose answer it is. */
  of(attempt: OutboundAttempt): void {
    this.#attempt = attempt;
  }

  get over(): boolean {
    return this.#state.kind === 'over';
  }

  writeInformational(head: ResponseHead): void {
    if (this.#state.kind === 'waiting') this.#listener.onInformational(head);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    if (this.#state.kind !== 'waiting') return;
    if (ended || head.version !== '2') this.#judge(head, null, ended);
    else this.#state = { kind: 'peeking', head, first: null };
  }

  /** A reader that wants a pause asks the attempt for it. */
  writeData(chunk: Buffer): true {
    switch (this.#state.kind) {
      case 'peeking':
        this.#peek(this.#state.head, this.#state.first, chunk);
        break;
      case 'passing':
        this.#listener.onData(chunk);
        break;
      case 'discarding':
        this.#discard(this.#state.bytes + chunk.length);
        break;
    }
    return true;
  }

  end(trailers: HeaderList | null): void {
    if (this.#state.kind === 'peeking') this.#settle(this.#state.head, this.#state.first, trailers);
    const passed = this.#state.kind === 'passing';
    this.#state = over;
    if (passed) this.#listener.onEnd(trailers);
  }

  reset(reset: StreamReset): void {
    if (this.#state.kind === 'peeking') this.#settle(this.#state.head, this.#state.first, null);
    const heard = this.#state.kind === 'waiting' || this.#state.kind === 'passing';
    this.#state = over;
    if (heard && this.#attempt !== null) this.#listener.onReset(this.#attempt, reset);
  }

  pauseRequest(): void {
    if (this.#state.kind !== 'discarding') this.#listener.onPauseRequest();
  }

  resumeRequest(): void {
    if (this.#state.kind !== 'discarding') this.#listener.onResumeRequest();
  }

  closeAfter(): void {
    this.#listener.closeAfter();
  }

  acceptUpgrade(): Tunnel {
    throw new Error('a request that may be sent again does not leave HTTP');
  }

  /** Nobody waits for the answer any more. */
  abandon(reset: StreamReset): void {
    if (this.#state.kind === 'over') return;
    this.#state = over;
    this.#attempt?.onRequestReset(reset);
  }

  /** Holds the first frame until the next turn: trailers that follow at once come before that. */
  #peek(head: ResponseHead, first: Buffer | null, chunk: Buffer): void {
    if (first !== null) {
      this.#settle(head, first, null);
      this.writeData(chunk);
      return;
    }
    const held: State = { kind: 'peeking', head, first: chunk };
    this.#state = held;
    setImmediate(() => {
      if (this.#state === held) this.#settle(head, chunk, null);
    });
  }

  /** Enough has been seen. */
  #settle(head: ResponseHead, first: Buffer | null, trailers: HeaderList | null): void {
    this.#judge(head, trailers, false);
    if (this.#state.kind === 'passing' && first !== null) this.#listener.onData(first);
  }

  #judge(head: ResponseHead, trailers: HeaderList | null, ended: boolean): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    const judgement = this.#listener.onAnswer(attempt, head, trailers);
    switch (judgement) {
      case 'pass':
        this.#state = ended ? over : passing;
        this.#listener.onHead(attempt, head, ended);
        break;
      case 'discard':
        this.#state = ended ? over : { kind: 'discarding', bytes: 0 };
        break;
      case 'abandon':
        this.abandon({ kind: 'reset', code: CANCEL });
        break;
    }
  }

  #discard(bytes: number): void {
    this.#state = { kind: 'discarding', bytes };
    if (bytes > maxDiscarded) this.abandon({ kind: 'reset', code: CANCEL });
  }
}
