import type { LiveRoute } from '../../../../wire/live.ts';
import { maintenancePlaceText, pinScopeText, pinsOn, stopText } from '../order-look.ts';
import { routeStanding, STANDING_LOOKS } from '../route-standing.ts';
import { isRoutingStopped, routeKey } from '../state.ts';
import { h } from './dom.ts';
import { explanationPlace } from './explanation-view.ts';
import { maintenanceForm, pinForm } from './order-forms.ts';
import { maintenanceLine, pinLine } from './orders-view.ts';
import { age, chip, pbxLink } from './pieces.ts';
import { orderLines } from './routes-view.ts';
import type { Scene } from './scene.ts';

/** The panel of one route: what is planned and why, trunk by trunk, what people ordered of it, and what may be ordered. */
export function routePanel(route: LiveRoute, { nowEpochMs, state }: Scene): readonly Node[] {
  const { hub, orders } = state;
  const site = state.pbxes.get(route.pbx)?.site;
  const standing = routeStanding(route, isRoutingStopped(state));
  const stop = stopText(hub?.isStopped === true, orders?.routingStop);
  const pins = pinsOn(orders, { ...route, site });
  const paths = [...state.paths.values()].filter((path) => path.pbx === route.pbx);
  const providers = new Set(
    paths.flatMap(({ provider, trunk }) => (provider && route.configured.includes(trunk ?? '') ? provider : [])),
  );
  const maintenance = (orders?.maintenance ?? []).filter(
    ({ of }) =>
      of.pbx === route.pbx ||
      (of.site !== undefined && of.site === site) ||
      route.configured.includes(of.trunk ?? '') ||
      providers.has(of.provider ?? ''),
  );
  const role = hub?.role ?? 'viewer';
  return [
    h(
      'p',
      { class: 'panel-state' },
      chip(STANDING_LOOKS[standing]),
      h('span', {}, `${route.mode}, for `, age(route.changedAtEpochMs, nowEpochMs)),
      h('span', {}, 'PBX ', pbxLink(route.pbx)),
    ),
    stop && h('p', { class: 'say', role: 'status' }, `■ ${stop.word}: ${stop.why}`),
    orderLines(route, standing),
    h('p', { class: 'say' }, route.reason),
    h('h3', {}, 'Why each trunk stands where it does'),
    explanationPlace(routeKey(route)),
    h('h3', {}, 'Ordered by people'),
    ...(pins.length + maintenance.length === 0 ? [h('p', { class: 'empty' }, 'Nothing is ordered of it.')] : []),
    ...pins.map((pin, at) =>
      pinLine(pin, { nowEpochMs, role, note: at === 0 ? 'holds here' : `behind ${pinScopeText(pins[0] ?? pin)}` }),
    ),
    ...maintenance.map((each) => maintenanceLine(each, { nowEpochMs, role, note: maintenancePlaceText(each) })),
    h('h3', {}, 'Order'),
    pinForm(route, role),
    maintenanceForm({ route, site, providers: [...providers] }, role),
  ].filter((node) => node !== undefined);
}
