import type { PackLook, PackVerdict } from './evidence-pack.ts';
import { type KeptVerdict, placesOf } from './kept-verdict.ts';
import { bothTimes, list, plainPlace, probability, share, span, symptomText, ways } from './plain-words.ts';
import { shiftSummary } from './shift-summary.ts';
import { beginning, beginsAt, costSays, sayBeginning } from './summary-life.ts';
import { zoneTime } from './zone-time.ts';

/** What a summary is written from. */
export type SummaryInput = {
  readonly kept: KeptVerdict;
  readonly verdict: PackVerdict;
  readonly looks: readonly PackLook[];
  readonly timeZone: string | undefined;
};

/** The verdict in plain words, to be forwarded to somebody who knows neither this program nor its terms. */
export function packSummary(input: SummaryInput): { headline: string; sentences: string[] } {
  const { kept, timeZone, verdict } = input;
  const opened = beginsAt(verdict, timeZone);
  const where = placesOf(kept).map(plainPlace).join(' or ');
  if (kept.symptom === 'probe-blocked' || kept.symptom === 'unmeasurable') {
    const headline = `No answer to test messages: ${where}`;
    return { headline, sentences: [...silence(kept.symptom), `Since ${opened}${ended(input)}.`, ...costSays(input)] };
  }
  if (kept.shifts !== undefined) {
    return shiftSummary(kept, {
      where,
      opened,
      ended: ended(input),
      sureness: sureness(input, where),
      beginning: sayBeginning(input),
      cost: costSays(input),
      request: request(input),
    });
  }
  if (kept.place.kind === 'none') {
    const headline = `Packet loss everywhere, since ${opened}: nobody is accused`;
    const why =
      'Every way that is measured loses packets at once. Then the measuring itself, or something that all sites share, comes first; no provider and no site is accused.';
    return {
      headline,
      sentences: [
        why,
        ...measured(input),
        ended(input) === '' ? 'It is going on.' : `It is over${ended(input)}.`,
        ...costSays(input),
      ],
    };
  }
  const word = kept.certainty === 'named' ? '' : kept.certainty === 'ambiguous' ? ' (one of these)' : ' (suspected)';
  return {
    headline: `${symptomText(kept.symptom)} at ${where}${word}, since ${opened}`,
    sentences: [
      ...measured(input),
      ...control(input),
      ...sureness(input, where),
      sayBeginning(input),
      ...directionSays(input),
      ...costSays(input),
      'What this is not: it says nothing of the cause, and it is no statement on ways or times that were not measured.',
      ...request(input),
    ],
  };
}

/** The look that carries the summary: the worst, else the first. */
function tellingLook(looks: readonly PackLook[]): PackLook | undefined {
  return looks.find(({ moment }) => moment === 'worst') ?? looks[0];
}

function measured({ looks, timeZone }: SummaryInput): readonly string[] {
  const look = tellingLook(looks);
  if (!look || look.inside.sent === 0) return [];
  const pbxes = new Set(look.paths.filter(({ role }) => role === 'inside').map(({ pbx }) => pbx));
  return [
    `Over ${span(look.windowMs)} up to ${bothTimes(look.atEpochMs, timeZone)}, ${list([...pbxes])} sent ${look.inside.sent} test messages ` +
      `(SIP OPTIONS, one packet each) on ${ways(look.inside.paths)}; ${look.inside.lost} got no answer: ${share(look.inside)}.`,
  ];
}

function control({ looks }: SummaryInput): readonly string[] {
  const look = tellingLook(looks);
  if (!look || look.outside.sent === 0) return [];
  const pbxes = new Set(look.paths.filter(({ role }) => role === 'inside').map(({ pbx }) => pbx));
  const shared = look.paths.filter(({ pbx, role }) => role === 'control' && pbxes.has(pbx));
  const clean = shared.length > 0 && shared.every(({ isClean }) => isClean);
  return [
    `In the same time ${look.outside.sent} test messages went out on ${ways(look.outside.paths)} elsewhere; ${look.outside.lost} got no ` +
      `answer: ${share(look.outside)}.${clean ? ' The same servers reached other destinations without loss, so they and their own connection do not explain it.' : ''}`,
  ];
}

function sureness({ kept, verdict }: SummaryInput, where: string): readonly string[] {
  const { certainty, posterior, runnerUp, siteCount, witnesses, wouldSplit } = verdict;
  const next = runnerUp
    ? ` The next likeliest explanation (${runnerUp.place === 'no place' ? 'no fault at all' : runnerUp.place}) has ${probability(runnerUp.posterior)}.`
    : '';
  const seen = `It was seen independently by ${list(witnesses)}, at ${siteCount} ${siteCount === 1 ? 'site' : 'sites'}.`;
  const split = wouldSplit === undefined ? '' : ` To tell: ${wouldSplit}.`;
  if (certainty === 'named') return [`How sure: ${probability(posterior)} that it lies at ${where}.${next}`, seen];
  if (certainty === 'ambiguous') {
    return [
      `How sure: ${probability(posterior)} that it lies at one of these: ${where}. The ways measured cannot tell them apart.${next}${split}`,
      seen,
    ];
  }
  const because = kept.sentence.match(/not named because (.*?)(?:; [^;]* would tell)?\.?$/)?.[1];
  return [
    `This is a suspicion and no accusation: ${probability(posterior)} for ${where}${because === undefined ? '' : `, and ${because}`}.${next}${split}`,
    seen,
  ];
}

function directionSays({ kept, verdict }: SummaryInput): readonly string[] {
  const { direction, from, towards } = verdict;
  const where = placesOf(kept).map(plainPlace).join(' or ');
  const counts = [
    ...(towards
      ? [`on the way there ${towards.lost} of ${towards.sent} media packets were lost, ${share(towards)}`]
      : []),
    ...(from ? [`on the way back ${from.lost} of ${from.sent}, ${share(from)}`] : []),
  ].join('; ');
  const stands = counts === '' ? '' : ` Counted at both ends: ${counts}.`;
  switch (direction) {
    case 'towards':
      return [`Direction: packets are lost on the way towards ${where}.${stands}`];
    case 'from':
      return [`Direction: packets are lost on the way from ${where} to us.${stands}`];
    case 'both':
      return [`Direction: packets are lost both ways.${stands}`];
    case 'unknown': {
      const why = 'A test message and its answer are a round trip; which of the two was lost does not show.';
      return [`Direction: unknown. ${why}${stands}`];
    }
    default:
      return [`Direction: ${direction}.${stands}`];
  }
}

function request({ kept, verdict }: SummaryInput): readonly string[] {
  const isOthers = placesOf(kept).some(({ kind }) => kind === 'provider' || kind === 'edge');
  if (!isOthers || kept.certainty === 'suspect') return [];
  const until = verdict.clearedAtEpochMs === undefined ? 'now' : zoneTime(verdict.clearedAtEpochMs);
  const from = zoneTime(beginning(verdict) ?? verdict.openedAtEpochMs);
  return [
    `We ask you to look at your border elements and the lines that lead to them between ${from} and ${until}, for the trunks and edges named below.`,
  ];
}

function silence(symptom: string): readonly string[] {
  return symptom === 'probe-blocked'
    ? [
        'Our test messages (SIP OPTIONS) get no answer while calls go through. Most likely they are refused there; calls are not concerned, and no fault is claimed.',
      ]
    : ['No test message (SIP OPTIONS) was ever answered there, so nothing is known of this way, good or bad.'];
}

function ended({ timeZone, verdict: { clearedAtEpochMs } }: SummaryInput): string {
  return clearedAtEpochMs === undefined ? '' : `, until ${bothTimes(clearedAtEpochMs, timeZone)}`;
}
