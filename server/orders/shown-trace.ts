import type { ShownHop, ShownTrace } from '../../wire/traces.ts';
import { wilsonInterval } from '../paths/wilson.ts';
import type { StoredTrace } from './trace-evidence.ts';
import { judgeTrace, type TraceBody, type TraceJudgement } from './trace-judgement.ts';

const SOURCE =
  'mtr on the PBX, one packet a second to each hop; loss at a hop counts only where it lasts to the target; interval by Wilson, 95 %';

/**
 * A trace as it is shown: every hop with its interval and with what its loss means.
 *
 * @param probeOf - name of the probe of each PBX.
 */
export function shownTrace(
  { body, pbx, receivedAtEpochMs }: StoredTrace,
  probeOf: ReadonlyMap<string, string>,
): ShownTrace {
  const judgement = judgeTrace(`${pbx} to ${body.target}`, body);
  const probe = probeOf.get(pbx);
  return {
    pbx,
    ...(probe !== undefined && { probe }),
    target: body.target,
    endedAtEpochMs: receivedAtEpochMs,
    outcome: judgement.kind,
    sentence: judgement.sentence,
    source: SOURCE,
    hops: body.hops.map((hop) => ({ ...hop, ...interval(hop), remark: remark(hop, judgement) })),
  };
}

type Hop = TraceBody['hops'][number];

function interval({ lost, sent }: Hop): Pick<ShownHop, 'lowRatio' | 'highRatio'> {
  if (sent === 0) return {};
  const { highRatio, lowRatio } = wilsonInterval({ sent, lost });
  return { lowRatio, highRatio };
}

function remark({ address, hop, lost }: Hop, { fromHop, kind, rateLimitedHops }: TraceJudgement): string {
  if (address === undefined) return 'never answered: nothing is known of it';
  if (lost === 0) return '';
  if (rateLimitedHops.includes(hop)) return 'its loss does not last to the end: not a fault of this hop';
  if (kind === 'not-reached') return 'the target did not answer: whether this loss lasts is not known';
  if (kind === 'unplaced') return 'too few packets to say where they are lost';
  if (fromHop === undefined || hop < fromHop) return 'no more than chance';
  return hop === fromHop ? 'loss begins here or just before, and lasts to the target' : 'loss from before goes on';
}
