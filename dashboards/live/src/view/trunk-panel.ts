import type { LivePath } from '../../../../wire/live.ts';
import { h } from './dom.ts';
import { figuresPlace } from './figures-view.ts';
import { pathTable } from './pbx-panel.ts';
import { trunkLink, WHOLE_FLEET } from './pieces.ts';

/**
 * The panel of one trunk: what calls met at it, and the paths to it.
 *
 * @param pbx - whose calls; {@link WHOLE_FLEET} for those of all.
 * @param paths - of the trunk, of all PBXs; at least one.
 */
export function trunkPanel(pbx: string, trunk: string, paths: readonly LivePath[]): readonly Node[] {
  const isFleet = pbx === WHOLE_FLEET;
  const pbxes = [...new Set(paths.map((path) => path.pbx))];
  const provider = paths.find((path) => path.provider !== undefined)?.provider;
  return [
    h(
      'p',
      { class: 'meta' },
      h('span', {}, isFleet ? 'calls of all PBXs together' : `calls of ${pbx}`),
      provider === undefined ? undefined : h('span', {}, `provider ${provider}`),
    ),
    h('h3', {}, 'Every figure, and what it stands on'),
    figuresPlace(`${pbx}>${trunk}`),
    h('h3', {}, 'Calls of'),
    h(
      'ul',
      { class: 'inline' },
      ...[WHOLE_FLEET, ...pbxes].map((name) =>
        h('li', {}, name === pbx ? fleetName(name) : trunkLink(name, trunk, fleetName(name))),
      ),
    ),
    h('h3', {}, 'Paths'),
    pathTable(isFleet ? paths : paths.filter((path) => path.pbx === pbx)),
  ];
}

function fleetName(pbx: string): string {
  return pbx === WHOLE_FLEET ? 'all PBXs' : pbx;
}
