/** The object an event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** With it `kubectl describe` shows the event beside the object. */
  readonly uid?: string;
}

/** Something that an operator will want to find beside an object. */
export interface ClusterEvent {
  readonly about: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** In CamelCase: `IssuerUpdated`. */
  readonly reason: string;
  readonly message: string;
}

/** Where events go. Recording never fails nor waits. */
export interface EventSink {
  record(event: ClusterEvent): void;
}
