import type { HeaderList, ResponseHead } from '../../http/message.ts';
import type { ResponseStream, StreamReset, Tunnel } from '../../http/stream.ts';
import type { OutboundAttempt } from './outbound-attempt.ts';

/**
 * What becomes of an answer: it is passed on; or it is kept until that is decided; or it is read to its end
 * and thrown away; or, where the request is not yet complete, its stream is given up.
 */
export type Judgement = 'pass' | 'hold' | 'discard' | 'abandon';

/** What the attempts of one request tell the request. */
export interface AttemptListener {
  /** The head of an answer has come. Whether it takes the trailers to judge it. */
  onHeadSeen(attempt: OutboundAttempt, head: ResponseHead): boolean;
  /** Before anything is passed on. `trailers` are those that followed closely, if any did. */
  onAnswer(attempt: OutboundAttempt, head: ResponseHead, trailers: HeaderList | null): Judgement;
  onInformational(head: ResponseHead): void;
  onHead(attempt: OutboundAttempt, head: ResponseHead, ended: boolean): void;
  onData(chunk: Buffer): void;
  onEnd(trailers: HeaderList | null): void;
  onReset(attempt: OutboundAttempt, reset: StreamReset): void;
  onPauseRequest(attempt: OutboundAttempt): void;
  onResumeRequest(attempt: OutboundAttempt): void;
  closeAfter(): void;
}

/** Bytes of an answer that nobody wants that are read so that its connection can be used again. */
const maxDiscarded = 64 * 1024;
/** RFC 9113 section 7. */
const CANCEL = 8;

/** How a message that is kept went on. */
type Ending =
  | { readonly kind: 'end'; readonly trailers: HeaderList | null }
  | { readonly kind: 'reset'; readonly reset: StreamReset };

type State =
  | { readonly kind: 'waiting' }
  /** HTTP/2 answers may say in trailers, right behind their first frame, that they are failures. */
  | { readonly kind: 'peeking'; readonly head: ResponseHead; readonly first: Buffer | null }
  /** The endpoint is asked to pause meanwhile: no more comes than was under way. */
  | {
      readonly kind: 'held';
      readonly head: ResponseHead;
      readonly ended: boolean;
      readonly chunks: Buffer[];
      ending: Ending | null;
    }
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
  /** The client's connection is to be closed after this answer. */
  #closes = false;

  constructor(listener: AttemptListener) {
    this.#listener = listener;
  }

  /** Whose answer it is. */
  of(attempt: OutboundAttempt): void {
    this.#attempt = attempt;
  }

  writeInformational(head: ResponseHead): void {
    if (this.#state.kind === 'waiting') this.#listener.onInformational(head);
  }

  writeHead(head: ResponseHead, ended: boolean): void {
    const attempt = this.#attempt;
    if (this.#state.kind !== 'waiting' || attempt === null) return;
    const trailersMatter = this.#listener.onHeadSeen(attempt, head);
    if (ended || head.version !== '2' || !trailersMatter) this.#judge(head, null, ended);
    else this.#state = { kind: 'peeking', head, first: null };
  }

  /** A reader that wants a pause asks the attempt for it. */
  writeData(chunk: Buffer): true {
    switch (this.#state.kind) {
      case 'peeking':
        this.#peek(this.#state.head, this.#state.first, chunk);
        break;
      case 'held':
        this.#state.chunks.push(chunk);
        break;
      case 'passing':
        this.#listener.onData(chunk);
        break;
      case 'discarding':
        this.#readsOn(this.#state.bytes + chunk.length);
        break;
    }
    return true;
  }

  end(trailers: HeaderList | null): void {
    if (this.#state.kind === 'peeking') this.#settle(this.#state.head, this.#state.first, trailers);
    this.#finish({ kind: 'end', trailers });
  }

  reset(reset: StreamReset): void {
    if (this.#state.kind === 'peeking') this.#settle(this.#state.head, this.#state.first, null);
    this.#finish({ kind: 'reset', reset });
  }

  pauseRequest(): void {
    if (this.#attempt !== null) this.#listener.onPauseRequest(this.#attempt);
  }

  resumeRequest(): void {
    if (this.#attempt !== null) this.#listener.onResumeRequest(this.#attempt);
  }

  /** Of no matter when the answer goes nowhere. */
  closeAfter(): void {
    this.#closes = true;
    if (this.#state.kind === 'passing') this.#listener.closeAfter();
  }

  acceptUpgrade(): Tunnel {
    throw new Error('a request that may be sent again does not leave HTTP');
  }

  /** A held answer is the one: it is passed on. */
  release(): void {
    const attempt = this.#attempt;
    if (this.#state.kind !== 'held' || attempt === null) return;
    const { head, ended, chunks, ending } = this.#state;
    this.#state = ended ? over : passing;
    this.#pass(attempt, head, ended);
    for (const chunk of chunks) this.#listener.onData(chunk);
    if (ending !== null) this.#finish(ending);
    else attempt.onResponseDrain();
  }

  /** A held answer is not wanted. */
  discard(): void {
    if (this.#state.kind !== 'held') return;
    const { ended, chunks, ending } = this.#state;
    if (ended || ending !== null) {
      this.#state = over;
      return;
    }
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    if (this.#readsOn(bytes)) this.#attempt?.onResponseDrain();
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
    const peeked: State = { kind: 'peeking', head, first: chunk };
    this.#state = peeked;
    setImmediate(() => {
      if (this.#state === peeked) this.#settle(head, chunk, null);
    });
  }

  /** Enough has been seen. */
  #settle(head: ResponseHead, first: Buffer | null, trailers: HeaderList | null): void {
    this.#judge(head, trailers, false);
    if (first !== null) this.writeData(first);
  }

  #judge(head: ResponseHead, trailers: HeaderList | null, ended: boolean): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    const judgement = this.#listener.onAnswer(attempt, head, trailers);
    switch (judgement) {
      case 'pass':
        this.#state = ended ? over : passing;
        this.#pass(attempt, head, ended);
        break;
      case 'hold':
        this.#state = { kind: 'held', head, ended, chunks: [], ending: null };
        attempt.upstream?.pauseResponse();
        break;
      case 'discard':
        this.#state = ended ? over : { kind: 'discarding', bytes: 0 };
        break;
      case 'abandon':
        this.abandon({ kind: 'reset', code: CANCEL });
        break;
    }
  }

  #pass(attempt: OutboundAttempt, head: ResponseHead, ended: boolean): void {
    if (this.#closes) this.#listener.closeAfter();
    this.#listener.onHead(attempt, head, ended);
  }

  #finish(ending: Ending): void {
    const state = this.#state;
    if (state.kind === 'held') {
      state.ending = ending;
      return;
    }
    this.#state = over;
    if (ending.kind === 'end') {
      if (state.kind === 'passing') this.#listener.onEnd(ending.trailers);
    } else if (this.#attempt !== null && (state.kind === 'waiting' || state.kind === 'passing')) {
      this.#listener.onReset(this.#attempt, ending.reset);
    }
  }

  /** Whether an answer that is thrown away is worth being read to its end. */
  #readsOn(bytes: number): boolean {
    this.#state = { kind: 'discarding', bytes };
    const worth = bytes <= maxDiscarded;
    if (!worth) this.abandon({ kind: 'reset', code: CANCEL });
    return worth;
  }
}
