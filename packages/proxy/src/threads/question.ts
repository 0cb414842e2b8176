import type { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';

type Answer<K extends ToMain['kind']> = Extract<ToMain, { kind: K }>;

/** Something that one worker is asked, never again before it has answered. */
export class Question<K extends ToMain['kind']> {
  readonly #link: Link<ToMain, ToWorker>;
  readonly #question: ToWorker;
  readonly #waiting = new Set<(answer: Answer<K>) => void>();
  #asked = false;

  /** `onAnswer` hears it also when nobody waits any more. */
  constructor(
    link: Link<ToMain, ToWorker>,
    question: ToWorker,
    kind: K,
    onAnswer: (answer: Answer<K>) => void = () => {},
  ) {
    this.#link = link;
    this.#question = question;
    link.on(kind, (answer) => {
      this.#asked = false;
      onAnswer(answer);
      for (const resolve of this.#waiting) resolve(answer);
    });
  }

  /** null when it takes longer than `timeoutMs`. */
  ask(timeoutMs: number): Promise<Answer<K> | null> {
    if (!this.#asked) this.#link.post(this.#question);
    this.#asked = true;
    return new Promise((resolve) => {
      const settle = (answer: Answer<K> | null): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(answer);
      };
      const timer = setTimeout(settle, timeoutMs, null);
      this.#waiting.add(settle);
    });
  }
}
