import type { Cursor } from '@weft/service';
import { type ClusterReader, type ReadKey, TrackedReader } from '../cluster/cluster.ts';
import { Dependencies } from './dependencies.ts';
import { type Answer, Topic, type TopicObserver } from './topic.ts';

/** What a stream asks for. The cluster decides which answer that is, and may decide otherwise later. */
export interface Question<S> {
  /** Questions with equal ids always have the same answer. */
  readonly id: string;
  /** Throws the error of a question without answer; later on the last answer then stays in force. */
  resolve(cluster: ClusterReader): Answer<S>;
}

/** The streams of one question, and the topic that answers it now. */
interface Subscription<S = unknown> {
  readonly question: Question<S>;
  topic: Topic<S>;
  /** Called on every change. A set, so that streams come and go at no cost for the others. */
  readonly readers: Set<() => void>;
  /** Cursors that have not been unsubscribed yet, the ones not yet subscribed included. */
  cursors: number;
}

const NOTHING: readonly Uint8Array[] = [];

export interface PublisherObserver extends TopicObserver {
  failed(what: string, error: unknown): void;
}

/** A topic and who follows it, for metrics. */
export interface TopicUse {
  readonly topic: Topic;
  readonly readers: number;
}

/**
 * Keeps the answers of all open streams up to date. An answer exists as long as a stream wants it, is computed
 * anew only when something it was computed from changed, and is shared by every stream it is right for.
 */
export class Publisher {
  readonly #cluster: ClusterReader;
  readonly #observer: PublisherObserver;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #topics = new Map<string, { readonly topic: Topic; readonly users: Set<Subscription> }>();
  readonly #topicReads = new Dependencies<Topic>();
  readonly #questionReads = new Dependencies<Subscription>();

  constructor(cluster: ClusterReader, observer: PublisherObserver) {
    this.#cluster = cluster;
    this.#observer = observer;
  }

  /**
   * A reader of the answer to a question, at the beginning. It holds the answer from the moment it is subscribed
   * to until it is unsubscribed. @throws what `resolve` throws.
   */
  open<S>(question: Question<S>): Cursor {
    const subscription = this.#subscriptionOf(question);
    subscription.cursors += 1;
    let told: S | undefined;
    let pending = NOTHING;
    let at = 0;
    const next = () => {
      if (at >= pending.length) {
        const { topic } = subscription;
        pending = topic.messagesFrom(told);
        told = topic.state;
        at = 0;
      }
      const message = pending[at];
      at += 1;
      // A reader that stays away for long must not hold bytes that it has been given.
      if (at >= pending.length) pending = NOTHING;
      return message;
    };
    return {
      next,
      onChange: (callback) => {
        const reader = () => callback();
        subscription.readers.add(reader);
        return () => this.#close(subscription as Subscription, reader);
      },
      get closed() {
        const { topic } = subscription;
        return topic.ended && told === topic.state && pending === NOTHING;
      },
    };
  }

  /** Brings up to date what depends on these reads, and wakes the streams whose answer changed. */
  invalidate(keys: ReadonlySet<ReadKey>): void {
    const wake = new Set<Subscription>();
    for (const subscription of this.#questionReads.affectedBy(keys))
      if (this.#resolveAgain(subscription)) wake.add(subscription);
    for (const topic of this.#topicReads.affectedBy(keys)) {
      if (!this.#refresh(topic)) continue;
      for (const subscription of this.#usersOf(topic)) wake.add(subscription);
      if (topic.ended) this.#retire(topic);
    }
    for (const { readers } of wake) for (const reader of readers) reader();
  }

  *topics(): Iterable<TopicUse> {
    for (const { topic, users } of this.#topics.values()) {
      let readers = 0;
      for (const user of users) readers += user.readers.size;
      yield { topic, readers };
    }
  }

  #subscriptionOf<S>(question: Question<S>): Subscription<S> {
    const known = this.#subscriptions.get(question.id);
    if (known !== undefined) return known as Subscription<S>;
    const reader = new TrackedReader(this.#cluster);
    const topic = this.#topicOf(question.resolve(reader));
    const subscription: Subscription<S> = { question, topic, readers: new Set(), cursors: 0 };
    this.#subscriptions.set(question.id, subscription as Subscription);
    this.#usersOf(topic as Topic).add(subscription as Subscription);
    this.#questionReads.set(subscription as Subscription, reader.reads);
    return subscription;
  }

  #topicOf<S>(answer: Answer<S>): Topic<S> {
    const known = this.#topics.get(answer.key)?.topic;
    if (known !== undefined) return known as Topic<S>;
    const topic = new Topic(answer, this.#observer);
    const reader = new TrackedReader(this.#cluster);
    topic.refresh(reader);
    this.#topics.set(answer.key, { topic: topic as Topic, users: new Set() });
    this.#topicReads.set(topic as Topic, reader.reads);
    return topic;
  }

  /** True when another topic answers the question now. */
  #resolveAgain(subscription: Subscription): boolean {
    const reader = new TrackedReader(this.#cluster);
    const before = subscription.topic;
    try {
      const answer = subscription.question.resolve(reader);
      if (answer.key !== before.answer.key) subscription.topic = this.#topicOf(answer);
    } catch (error) {
      this.#observer.failed(subscription.question.id, error);
    }
    this.#questionReads.set(subscription, reader.reads);
    if (subscription.topic === before) return false;
    this.#usersOf(subscription.topic).add(subscription);
    this.#leave(before, subscription);
    return true;
  }

  #refresh(topic: Topic): boolean {
    const reader = new TrackedReader(this.#cluster);
    try {
      return topic.refresh(reader);
    } catch (error) {
      this.#observer.failed(topic.answer.key, error);
      return false;
    } finally {
      this.#topicReads.set(topic, reader.reads);
    }
  }

  #close(subscription: Subscription, reader: () => void): void {
    if (!subscription.readers.delete(reader)) return;
    subscription.cursors -= 1;
    if (subscription.cursors > 0) return;
    this.#forget(subscription);
    this.#leave(subscription.topic, subscription);
  }

  #leave(topic: Topic, subscription: Subscription): void {
    const users = this.#usersOf(topic);
    if (users.delete(subscription) && users.size === 0) this.#drop(topic);
  }

  /**
   * An ended topic is for the streams that still have to end, however slow they are: who asks the same from now
   * on gets a topic of its own.
   */
  #retire(topic: Topic): void {
    for (const subscription of this.#usersOf(topic)) this.#forget(subscription);
    this.#drop(topic);
  }

  #forget(subscription: Subscription): void {
    const { id } = subscription.question;
    if (this.#subscriptions.get(id) === subscription) this.#subscriptions.delete(id);
    this.#questionReads.delete(subscription);
  }

  #drop(topic: Topic): void {
    this.#topics.delete(topic.answer.key);
    this.#topicReads.delete(topic);
  }

  #usersOf(topic: Topic): Set<Subscription> {
    const entry = this.#topics.get(topic.answer.key);
    return entry?.topic === topic ? entry.users : new Set();
  }
}
