import type { LiveRoute } from '../../../wire/live.ts';
import { describeOrder, type Standing, trunksInAsterisk } from './route-standing.ts';

/** One order of trunks with the word for what it is. */
export type RouteLine = { readonly label: string; readonly order: string };

/**
 * The orders worth showing of a route, the one that calls follow first. What Asterisk has is named as read back, and as
 * not read back where that is so: the page never passes a plan off as a fact.
 */
export function routeLines(route: LiveRoute, standing: Standing): readonly [RouteLine, ...RouteLine[]] {
  const planned = describeOrder(route.planned);
  const configured = route.configured.join(' › ');
  const inAsterisk = trunksInAsterisk(route)?.join(' › ') ?? unread(route);
  switch (standing) {
    case 'proposed':
      return [
        { label: 'in use', order: inAsterisk },
        { label: 'would be', order: planned },
      ];
    case 'pending':
      return [
        { label: 'in use', order: inAsterisk },
        { label: 'ordered', order: planned },
      ];
    case 'moved':
    case 'reordered':
      return [
        { label: 'in use', order: planned },
        { label: 'default', order: configured },
      ];
    case 'default':
      return [{ label: route.readBack === undefined ? 'not read back' : 'in use', order: planned }];
    default:
      return standing satisfies never;
  }
}

function unread(route: LiveRoute): string {
  return route.readBack === undefined ? 'not read back' : `not understood: ${route.readBack}`;
}
