import type { WeightedTrunk } from '../../wire/plan.ts';
import type { ClassInput } from './class-input.ts';
import type { Guest } from './come-back.ts';
import { preferredOrder } from './trunk-preference.ts';
import type { WantedOrder } from './wanted-order.ts';

/** Says in one sentence or two why a route is as it is planned. */
export function routeReason(
  input: Pick<ClassInput, 'order' | 'pin' | 'tierOf'>,
  { isPanic, isWithoutRefuge, pinned }: Pick<WantedOrder, 'isPanic' | 'isWithoutRefuge' | 'pinned'>,
  planned: readonly WeightedTrunk[],
  guest: Guest | undefined,
): string {
  const { order, pin, tierOf } = input;
  const first = planned[0]?.trunk ?? '';
  const more = guest ? ` ${guest.clause}.` : shedding(input, planned);
  if (pin && pinned === first) {
    const panic = isPanic ? ' PANIC: no trunk is left that is not bad.' : '';
    return `${first} leads: pinned by ${pin.actor}, ${pin.reason}.${panic}`;
  }
  if (isPanic) return `PANIC: no trunk is left that is not bad; ${first} leads as the least bad.`;
  if (isWithoutRefuge) {
    return `${first} leads: degraded trunks keep their place, for no trunk with good evidence would lead instead.`;
  }
  const configured = preferredOrder(order);
  const isAsConfigured = planned.every(({ trunk }, at) => configured[at] === trunk);
  if (isAsConfigured) return `${first} leads, as configured.${more}`;
  const passed = configured.slice(0, configured.indexOf(first)).filter((trunk) => trunk !== guest?.trunk);
  const grounds = passed.map((trunk) => `${trunk} is ${tierOf(trunk)}`).join(', ');
  if (grounds !== '') return `${first} leads: ${grounds}.${more}`;
  return guest ? `${first} leads yet:${more}` : `${first} leads, as configured; others stand in another order.${more}`;
}

/** What a first trunk that sheds gives away, as a sentence; empty where nothing. */
function shedding({ tierOf }: Pick<ClassInput, 'tierOf'>, planned: readonly WeightedTrunk[]): string {
  const [first, ...rest] = planned;
  if (!first || tierOf(first.trunk) !== 'shedding' || !rest.some(({ weight }) => weight > 0)) return '';
  const total = planned.reduce((sum, { weight }) => sum + weight, 0);
  return ` It is shedding: ${Math.round((100 * (total - first.weight)) / total)} % of its calls go elsewhere.`;
}
