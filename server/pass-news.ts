import type { LiveChange } from '../wire/live.ts';
import { type PictureSources, pathChange, pbxChange, routeChange, verdictChange } from './hub-picture.ts';
import { news, type ToldTable } from './live/live-changes.ts';
import type { PassResult } from './pass-result.ts';
import type { ProbeStatus } from './probe-status.ts';
import type { Steps } from './steps.ts';

/** Things looked at before others get a turn. */
const STEP_CHANGES = 200;

type KnownStatus = { readonly status: ProbeStatus; readonly isSick: boolean };

/**
 * What views have not been told yet after a pass: only what the pass looked at anew is compared. Remembers what was told of
 * everything shown, and nothing of what is shown no more; a path or route that is gone is told once.
 */
export class PassNews {
  readonly #told: ToldTable = new Map();
  readonly #statuses = new Map<string, KnownStatus>();
  #fence: number | undefined;

  /** Gives the news of a pass in portions, each a step. */
  *steps(pass: PassResult, sources: PictureSources, publish: (changes: readonly LiveChange[]) => void): Steps<void> {
    let portion: LiveChange[] = [];
    let count = 0;
    for (const change of this.#changes(pass, sources)) {
      portion.push(...news(this.#told, change));
      count += 1;
      if (count % STEP_CHANGES !== 0) continue;
      publish(portion);
      portion = [];
      yield;
    }
    publish(portion);
    yield;
    publish(this.#forget(pass, sources));
  }

  *#changes(pass: PassResult, sources: PictureSources): Iterable<LiveChange> {
    yield { kind: 'hub', value: { ...sources.hub, role: 'viewer' } };
    const sick = pass.census.sickPbxes;
    for (const status of sources.statuses) {
      const { pbx } = status;
      const isSick = sick.has(pbx);
      const known = this.#statuses.get(pbx);
      if (known?.status === status && known.isSick === isSick) continue;
      this.#statuses.set(pbx, { status, isSick });
      yield pbxChange(status, isSick);
    }
    for (const health of pass.renewed.healths) yield pathChange(health);
    for (const verdict of sources.verdicts) yield verdictChange(verdict);
    const routes = this.#fence === sources.fence ? pass.renewed.routes : pass.routes;
    this.#fence = sources.fence;
    for (const route of routes) yield routeChange(route, sources);
  }

  /** @returns the paths and routes that were told and are gone. A verdict that is no longer shown was told as cleared. */
  #forget(pass: PassResult, { statuses, verdicts }: PictureSources): readonly LiveChange[] {
    if (this.#told.size <= 1 + statuses.length + pass.healths.length + verdicts.length + pass.routes.length) return [];
    const shown = new Set([
      'hub',
      ...statuses.map(({ pbx }) => `pbx ${pbx}`),
      ...pass.healths.map(({ ref }) => `path ${ref.key}`),
      ...verdicts.map(({ verdictId }) => `verdict ${verdictId}`),
      ...pass.routes.map((route) => `route ${route.pbx} ${route.class}`),
    ]);
    const gone = [...this.#told.keys()].filter((key) => !shown.has(key));
    for (const key of gone) this.#told.delete(key);
    return gone.flatMap(goneChange);
  }
}

/** By the key of a change; no name in it has a space. */
function goneChange(key: string): readonly LiveChange[] {
  const [of, name = '', className = ''] = key.split(' ');
  if (of === 'path') return [{ kind: 'gone', value: { of, key: name } }];
  return of === 'route' ? [{ kind: 'gone', value: { of, pbx: name, class: className } }] : [];
}
