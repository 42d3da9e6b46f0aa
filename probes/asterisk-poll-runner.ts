import type { QualifyMeasurement, RegistrationMeasurement } from '../wire/call-measurement.ts';
import type { AmiClient } from './asterisk/ami/ami-client.ts';
import { AmiError } from './asterisk/ami/ami-error.ts';
import type { TrunkEndpoint } from './asterisk/calls/provider-channel.ts';
import { type ContactStatus, readContacts, showEndpointAction } from './asterisk/qualify/contact-status.ts';
import { pollEveryMs, QualifySamples } from './asterisk/qualify/qualify-samples.ts';
import {
  readRegistrations,
  SHOW_REGISTRATIONS,
  type TrunkRegistration,
} from './asterisk/registration/registration-status.ts';

const REGISTRATIONS_EVERY_MS = 60_000;

/** What polling needs from the outside. None of the callbacks may throw. */
export type AsteriskPollDeps = {
  readonly ami: Pick<AmiClient, 'listAction'>;
  readonly trunks: readonly (TrunkEndpoint & TrunkRegistration)[];
  readonly nowMs: () => number;
  /** `isChanged` for a registration in another state than before: worth telling at once. */
  readonly onMeasurement: (measurement: QualifyMeasurement | RegistrationMeasurement, isChanged: boolean) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/**
 * Asks Asterisk for what it tells by no event: the round trips of its own qualify, and the state of its registrations. One
 * question at a time; a question that is not answered is left for the next round, and nothing follows from it (rule 2).
 */
export class AsteriskPoll {
  readonly #deps: AsteriskPollDeps;
  readonly #samples = new QualifySamples();
  readonly #registered = new Map<string, RegistrationMeasurement['state']>();
  #qualifyDueAtMs = 0;
  #registrationsDueAtMs = 0;
  #isBusy = false;
  #isUp = false;

  constructor(deps: AsteriskPollDeps) {
    this.#deps = deps;
  }

  /** Asterisk is there, or gone. */
  setUp(isUp: boolean): void {
    this.#isUp = isUp;
    this.#qualifyDueAtMs = 0;
    this.#registrationsDueAtMs = 0;
    if (!isUp) this.#samples.forget();
  }

  /** A registration has changed: asks at the next tick. */
  registrationChanged(): void {
    this.#registrationsDueAtMs = 0;
  }

  /** Asks what is due; about once a second. */
  tick(): void {
    const nowMs = this.#deps.nowMs();
    const isDue = nowMs >= Math.min(this.#qualifyDueAtMs, this.#registrationsDueAtMs);
    if (!this.#isUp || this.#isBusy || !isDue) return;
    this.#isBusy = true;
    this.#ask(nowMs)
      .catch((cause: unknown) => {
        if (!(cause instanceof AmiError)) this.#deps.onFault('asterisk poll', cause);
      })
      .finally(() => {
        this.#isBusy = false;
      });
  }

  async #ask(nowMs: number): Promise<void> {
    if (nowMs >= this.#registrationsDueAtMs) {
      this.#registrationsDueAtMs = nowMs + REGISTRATIONS_EVERY_MS;
      await this.#askRegistrations();
    }
    if (nowMs >= this.#qualifyDueAtMs) {
      this.#qualifyDueAtMs = nowMs + pollEveryMs([]);
      this.#qualifyDueAtMs = nowMs + pollEveryMs(await this.#askContacts());
    }
  }

  async #askContacts(): Promise<readonly ContactStatus[]> {
    const { ami, nowMs, onMeasurement, trunks } = this.#deps;
    const all: ContactStatus[] = [];
    for (const trunk of trunks) {
      const { items } = await ami.listAction(showEndpointAction(trunk.endpoint));
      const contacts = readContacts(items);
      all.push(...contacts);
      for (const sample of this.#samples.take(trunk, contacts, nowMs())) onMeasurement(sample, false);
    }
    return all;
  }

  async #askRegistrations(): Promise<void> {
    const { ami, nowMs, onMeasurement, trunks } = this.#deps;
    const { items } = await ami.listAction(SHOW_REGISTRATIONS);
    for (const measurement of readRegistrations(items, trunks, nowMs())) {
      const isChanged = this.#registered.get(measurement.trunk) !== measurement.state;
      this.#registered.set(measurement.trunk, measurement.state);
      onMeasurement(measurement, isChanged);
    }
  }
}
