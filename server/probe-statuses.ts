import type { Fleet } from './fleet.ts';
import { neverSeen, type ProbeStatus } from './probe-status.ts';

/** How every probe of the configured fleet stands. Mutable, free of I/O. */
export class ProbeStatuses {
  readonly #byPbx: Map<string, ProbeStatus>;

  /** @param nowMs - hub time of the start. */
  constructor({ siteOf }: Pick<Fleet, 'siteOf'>, nowMs: number) {
    this.#byPbx = new Map([...siteOf].map(([pbx, site]) => [pbx, neverSeen(pbx, site, nowMs)]));
  }

  /** By PBX. */
  get all(): ReadonlyMap<string, ProbeStatus> {
    return this.#byPbx;
  }

  /** Notes news of one probe; nothing for a PBX that is not configured. */
  update(pbx: string, change: (status: ProbeStatus) => ProbeStatus): void {
    const status = this.#byPbx.get(pbx);
    if (status) this.#byPbx.set(pbx, change(status));
  }
}
