import type { AsteriskAway, EventBody, HelloFrame, PlanResultFrame } from '../wire/probe-frames.ts';
import { sayCost } from './correlate/cost-sentence.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';
import { judgeTrace } from './orders/trace-judgement.ts';
import type { FlipProposal } from './routing/route-plan.ts';
import type { NewJournalEntry } from './store/journal-store.ts';
import type { Json } from './store/json-value.ts';

/** A value of plain data as JSON can hold it: members that are undefined are left out. */
export function toJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** The entry that announces a flip before it is sent, or a proposal where routing only observes (safety rule 7). */
export function flipEntry(flip: FlipProposal): NewJournalEntry {
  return {
    atEpochMs: flip.atMs,
    kind: flip.mode === 'enforce' ? 'flip' : 'flip-proposed',
    actor: 'hub',
    scope: { pbx: flip.pbx, class: flip.class, trunk: flip.fromTrunk },
    sentence: flip.sentence,
    detail: toJson(flip),
  };
}

/** The entry for a flip that the stop switch caught: `dropped` before it was in the journal, or `held` after it, unsent. */
export function stoppedFlipEntry(flip: FlipProposal, fate: 'dropped' | 'held', atMs: number): NewJournalEntry {
  const { class: name, fromTrunk, pbx, toTrunk } = flip;
  const what =
    fate === 'dropped'
      ? 'is dropped: the stop switch came on first. After its release it is planned anew, or not'
      : 'is announced but not sent: the stop switch came on';
  return {
    atEpochMs: atMs,
    kind: `flip-${fate}`,
    actor: 'hub',
    scope: { pbx, class: name, trunk: fromTrunk },
    sentence: `${name} on ${pbx}: the move from ${fromTrunk} to ${toTrunk} ${what}`,
    detail: toJson(flip),
  };
}

/** The entry for a plan that changes no first trunk: weights, or the order behind it. */
export function planEntry(pbx: string, version: number, reason: string, atMs: number): NewJournalEntry {
  const sentence = `plan ${version} for ${pbx}: ${reason}`;
  return { atEpochMs: atMs, kind: 'plan-issued', actor: 'hub', scope: { pbx }, sentence };
}

/** The entry for a verdict that opens or clears; an update is evidence, not news. */
export function verdictEntry({ kind, verdict }: VerdictEffect): NewJournalEntry | undefined {
  if (kind === 'verdict-updated') return undefined;
  const { certainty, mergedInto, posterior, reopenedAtMs = [], sinceHighMs, sinceLowMs, sinceMs, verdictId } = verdict;
  const reopenings = reopenedAtMs.length;
  const again = kind === 'verdict-opened' && reopenings > 0 ? `Reopened (${reopenings} in a day). ` : '';
  const cost = kind === 'verdict-cleared' && verdict.cost ? ` ${sayCost(verdict.cost)}` : '';
  return {
    atEpochMs:
      kind === 'verdict-opened'
        ? (reopenedAtMs.at(-1) ?? verdict.openedAtMs)
        : (verdict.clearedAtMs ?? verdict.updatedAtMs),
    kind,
    actor: 'hub',
    scope: placeScope(verdict),
    sentence: `${again}${verdict.sentence}${cost}`,
    detail: {
      verdictId,
      certainty,
      posterior,
      ...(sinceMs !== undefined && { sinceMs }),
      ...(sinceLowMs !== undefined && { sinceLowMs }),
      ...(sinceHighMs !== undefined && { sinceHighMs }),
      ...(reopenings > 0 && { reopenings }),
      ...(mergedInto !== undefined && { mergedInto }),
      ...(kind === 'verdict-cleared' && verdict.cost && { cost: toJson(verdict.cost) }),
    },
  };
}

/** In words what a probe says of its Asterisk while it has none. */
const AWAY_WORDS: Readonly<Record<AsteriskAway, string>> = {
  connecting: 'Asterisk not reached yet',
  'connect-failed': 'Asterisk not reached: nothing takes connections at its manager port',
  'no-manager': 'Asterisk not reached: what answers at ami.port is no Asterisk manager',
  'login-refused': 'Asterisk not reached: it refuses the user name or the secret',
  'login-timed-out': 'Asterisk not reached: it takes connections and answers no login',
  disconnected: 'Asterisk not reached: it ended the connection',
  unresponsive: 'Asterisk not reached: it stopped answering',
  unnamed: 'Asterisk reached, its version not told',
};

/** The entry for a probe that connects. */
export function helloEntry(hello: HelloFrame): NewJournalEntry {
  const { asteriskAway, asteriskVersion, pbx, softwareVersion } = hello;
  const away = asteriskAway === undefined ? 'Asterisk not reached' : AWAY_WORDS[asteriskAway];
  const asterisk = asteriskVersion === undefined ? away : `Asterisk ${asteriskVersion}`;
  return {
    kind: 'probe-connected',
    actor: hello.probe,
    scope: { pbx },
    sentence: `probe of ${pbx} connected (${softwareVersion}, ${asterisk})`,
    detail: { instanceId: hello.instanceId, bootId: hello.bootId, configHash: hello.configHash },
  };
}

/** The entry for a durable event that an operator should read; undefined for those that are records only. */
export function eventEntry(pbx: string, body: EventBody, atMs: number): NewJournalEntry | undefined {
  const shared = { atEpochMs: atMs, kind: body.kind, actor: 'probe', detail: toJson(body) };
  switch (body.kind) {
    case 'down-marked': {
      const verb = body.written ? 'marked' : 'would mark';
      const sentence = `probe on ${pbx} ${verb} trunk ${body.trunk} down by itself: ${body.reason}`;
      return { ...shared, scope: { pbx, trunk: body.trunk }, sentence };
    }
    case 'down-cleared': {
      const sentence = `probe on ${pbx} took its mark off trunk ${body.trunk}: ${body.reason}`;
      return { ...shared, scope: { pbx, trunk: body.trunk }, sentence };
    }
    case 'asterisk-connected':
      return { ...shared, scope: { pbx }, sentence: `probe on ${pbx} reached Asterisk ${body.version}` };
    case 'asterisk-lost': {
      const what = body.wasReached === false ? 'does not reach' : 'lost';
      return { ...shared, scope: { pbx }, sentence: `probe on ${pbx} ${what} Asterisk: ${body.reason}` };
    }
    case 'route-drift': {
      const found = body.found === '' ? 'nothing' : body.found;
      const done = body.policy === 'repair' ? '; it is being written back' : '; it is left as it is';
      const sentence = `AstDB on ${pbx} holds ${found} for ${body.class}, not ${body.expected}${body.policy ? done : ''}`;
      return { ...shared, scope: { pbx, class: body.class }, sentence };
    }
    case 'trace': {
      const { sentence } = judgeTrace(`${pbx} to ${body.target}`, body);
      return { ...shared, scope: { pbx }, sentence: sentence.slice(0, 2000) };
    }
    case 'probe-note':
      return { ...shared, scope: { pbx }, sentence: `probe on ${pbx}: ${body.text}` };
    case 'call-ended':
      return undefined;
    default:
      return body satisfies never;
  }
}

/** The entry for what became of a plan on the PBX, read back from Asterisk. */
export function planResultEntry(pbx: string, frame: PlanResultFrame, tookMs: number | undefined): NewJournalEntry {
  const said = frame.results.map(({ class: name, outcome, readBack, reason }) => {
    const detail = readBack ?? reason;
    return detail === undefined ? `${name} ${outcome}` : `${name} ${outcome} (${detail})`;
  });
  const isGood = frame.results.every(({ outcome }) => outcome === 'applied' || outcome === 'unchanged');
  const took = tookMs === undefined ? '' : ` after ${Math.round(tookMs)} ms`;
  return {
    kind: isGood ? 'plan-applied' : 'plan-not-applied',
    actor: 'probe',
    scope: { pbx },
    sentence: `plan ${frame.fence}.${frame.version} on ${pbx}${took}: ${said.join('; ')}`.slice(0, 4000),
    detail: toJson(frame.results),
  };
}

function placeScope({ place }: Verdict): NonNullable<NewJournalEntry['scope']> {
  switch (place.kind) {
    case 'site':
      return { site: place.site };
    case 'provider':
      return { provider: place.provider };
    case 'edge':
      return { provider: place.provider, trunk: place.trunk };
    case 'host':
    case 'path':
    case 'probe':
      return { pbx: place.pbx };
    case 'line':
    case 'none':
      return {};
    default:
      return place satisfies never;
  }
}
