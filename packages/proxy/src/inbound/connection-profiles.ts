import { parseNamedDestination } from '../discovery/destination.ts';
import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import type { Lease } from '../policy/idle-cache.ts';
import type { WatchedProfile } from '../profile/watched-profile.ts';
import type { InboundProfiles } from './ports.ts';

/** null: a name that has no profile. */
type Found = Lease<WatchedProfile> | 'no-name' | null;

/** Names one connection may hold the profiles of; one more takes the place of the oldest. */
const maxNames = 64;

/**
 * The profiles of the services that the requests of one connection name. A name that was looked up before is
 * found by its text, which for most connections is the same each time.
 */
export class ConnectionProfiles {
  readonly #profiles: InboundProfiles;
  readonly #found = new Map<string, Found>();
  #lastText: string | null = null;
  #last: Found = 'no-name';

  constructor(profiles: InboundProfiles) {
    this.#profiles = profiles;
  }

  /** The profile of the service that the request names; null when it names none that has one. */
  find({ authority, headers }: RequestHead): WatchedProfile | null {
    let found = this.#byText(getHeader(headers, 'l5d-dst-canonical'));
    if (found === 'no-name') found = this.#byText(authority);
    if (found === 'no-name') found = this.#byText(getHeader(headers, 'host'));
    return found === 'no-name' || found === null ? null : found.value;
  }

  release(): void {
    for (const found of this.#found.values()) letGo(found);
    this.#found.clear();
    this.#lastText = null;
  }

  #byText(text: string | undefined): Found {
    if (text === undefined) return 'no-name';
    if (text === this.#lastText) return this.#last;
    let found = this.#found.get(text);
    if (found === undefined) {
      const name = parseNamedDestination(text);
      found = name === null ? 'no-name' : this.#profiles.acquire(name);
      if (this.#found.size >= maxNames) this.#dropOldest();
      this.#found.set(text, found);
    }
    this.#lastText = text;
    this.#last = found;
    return found;
  }

  #dropOldest(): void {
    for (const [text, found] of this.#found) {
      letGo(found);
      this.#found.delete(text);
      return;
    }
  }
}

function letGo(found: Found): void {
  if (found !== null && found !== 'no-name') found.release();
}
