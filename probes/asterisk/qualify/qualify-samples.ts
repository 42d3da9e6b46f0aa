import type { QualifyMeasurement } from '../../../wire/call-measurement.ts';
import type { TrunkEndpoint } from '../calls/provider-channel.ts';
import { type ContactStatus, contactHostPort } from './contact-status.ts';

/** Longest time without a sample after which the same status is told again, milliseconds: the hub counts qualify's load. */
const REPEAT_MS = 60_000;

/**
 * Turns what a poll found into samples: one for each new round trip, one for each change of status, and the same status again
 * once a minute. A poll sees only the last qualify; two of the very same microsecond in a row count as one.
 */
export class QualifySamples {
  readonly #last = new Map<string, { readonly contact: ContactStatus; readonly toldAtMs: number }>();

  /** @returns samples to tell, in the order of the contacts. */
  take(trunk: TrunkEndpoint, contacts: readonly ContactStatus[], atMs: number): readonly QualifyMeasurement[] {
    return contacts.flatMap((contact) => {
      const key = `${trunk.trunk} ${contact.uri}`;
      const before = this.#last.get(key);
      const isNew =
        before === undefined ||
        before.contact.status !== contact.status ||
        before.contact.roundTripUs !== contact.roundTripUs ||
        before.contact.frequencyS !== contact.frequencyS;
      if (!isNew && atMs - before.toldAtMs < REPEAT_MS) return [];
      this.#last.set(key, { contact, toldAtMs: atMs });
      return [measurement(trunk, contact, isNew, atMs)];
    });
  }

  /** Asterisk went away: what it says next is news again. */
  forget(): void {
    this.#last.clear();
  }
}

/** Milliseconds between polls so that no qualify of a contact is missed, within 2 s and 30 s. */
export function pollEveryMs(contacts: readonly ContactStatus[]): number {
  const asked = contacts.flatMap(({ frequencyS }) => (frequencyS > 0 ? [frequencyS] : []));
  return Math.min(30_000, Math.max(2000, Math.min(60, ...asked) * 500));
}

function measurement(
  { trunk, edges }: TrunkEndpoint,
  { uri, status, roundTripUs, frequencyS, timeoutS }: ContactStatus,
  isNew: boolean,
  observedAtMs: number,
): QualifyMeasurement {
  const hostPort = contactHostPort(uri);
  const edge = edges.find((entry) => entry.hostPort.toLowerCase() === hostPort)?.edge;
  const hasRoundTrip = isNew && status === 'reachable' && roundTripUs > 0;
  return {
    kind: 'qualify',
    trunk,
    ...(edge === undefined ? {} : { edge }),
    observedAtMs,
    status,
    ...(hasRoundTrip ? { rttMs: Math.min(86_400_000, roundTripUs / 1000) } : {}),
    frequencyS,
    timeoutS,
  };
}
