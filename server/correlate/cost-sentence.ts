import type { CallCost, IncidentCost } from './incident-cost.ts';

/** What a trouble has touched and cost, in one or more sentences with every count. */
export function sayCost(cost: IncidentCost): string {
  const { blindPbxes, calls, classes, media, noCalls, pbxes, sites } = cost;
  const where = `${plural(pbxes, 'PBX', 'PBXs')} at ${plural(sites, 'site', 'sites')}`;
  const names = classes.map(({ class: name }) => name);
  const routed = names.length > 0 ? `; classes ${names.join(', ')}` : '';
  if (!calls) {
    const why =
      noCalls === 'no-trunk'
        ? 'No trunk is touched, so no call is counted.'
        : 'What calls met is not known: no Asterisk there was reached.';
    return `Touched: ${where}${routed}. ${why}`;
  }
  const blind =
    blindPbxes.length > 0
      ? ` What calls met on ${blindPbxes.join(', ')} is not fully known: Asterisk was not reached for a while.`
      : '';
  const more = media?.isCut === true ? ' More were up at once than are followed; of those nothing is known.' : '';
  const heard = media
    ? ` Of ${plural(media.calls, 'call', 'calls')} whose media were counted, ${media.bad} lost more than 3 % one way.${more}`
    : ' No media of calls were counted.';
  return `Touched: ${where}${routed}. ${sayCalls(calls)}${heard}${blind}`;
}

function sayCalls({ attempted, failed, failedBy, givenUp, short, unknown }: CallCost): string {
  const gap = unknown > 0 ? ` Of ${plural(unknown, 'more call', 'more calls')} the outcome is not known.` : '';
  if (attempted === 0) return `No call ended there meanwhile.${gap}`;
  const by = failedBy.length > 0 ? ` (${failedBy.map((each) => `${each.calls} by ${each.by}`).join(', ')})` : '';
  return (
    `Of ${plural(attempted, 'call', 'calls')} that ended there meanwhile ${failed} failed${by}, ` +
    `${givenUp} were given up before it rang, ${short} were answered but short of 6 s.${gap}`
  );
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
