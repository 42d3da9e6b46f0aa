import { describe, expect, it } from 'vitest';
import { type CallTrouble, stepTrouble, type TroubleGround } from '../../../server/routing/call-trouble.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { NOW } from './judged.ts';
import { call, failed, series } from './made-calls.ts';

const S = 1000;
const MIN = 60 * S;

function step(before: CallTrouble | undefined, parts: Partial<TroubleGround>, atMs: number) {
  const calls = parts.calls ?? [];
  const ground: TroubleGround = {
    calls,
    latestAtMs: calls.at(-1)?.atMs,
    otherAsrLow: () => undefined,
    mosSince: () => undefined,
    spoiltUntilMs: undefined,
    ...parts,
  };
  return stepTrouble(before, ground, ROUTE_POLICY, atMs);
}

const FAILING = series(4, NOW, () => true);
const STOPPED = step(undefined, { calls: FAILING }, NOW);
const since = (calls: number, atMs: number) => [...FAILING, ...series(calls, atMs)];

describe('trouble that calls tell of', () => {
  it('remembers nothing of a trunk whose calls go through', () => {
    expect(step(undefined, { calls: series(20, NOW) }, NOW)).toMatchObject({ trouble: undefined, effect: undefined });
  });

  it('stops a trunk whose calls fail, and holds it for 30 s from the last failure seen', () => {
    expect(STOPPED.effect).toEqual({
      tier: 'degraded',
      clause: 'of the latest, 0 of 4 calls went through (NER 0 %); held for another 30 s (strike 1)',
    });
    const held = step(STOPPED.trouble, { calls: FAILING }, NOW + 29 * S);
    expect(held.effect?.tier).toBe('degraded');
  });

  it('is half-open after the hold, until five calls since went through', () => {
    const calls = since(4, NOW + 60 * S);
    const open = step(STOPPED.trouble, { calls }, NOW + 60 * S);
    expect(open.effect).toMatchObject({ tier: 'half-open' });
    expect(open.effect?.clause).toContain('4 of 5 calls since: 4 of 4 calls went through (NER 100 %)');
    const proven = step(open.trouble, { calls: since(5, NOW + 61 * S) }, NOW + 61 * S);
    expect(proven.effect).toBeUndefined();
    expect(proven.trouble?.hold.phase).toBe('free');
  });

  it('counts only calls that went through: two of five leave it half-open', () => {
    const calls = [...FAILING, ...series(5, NOW + 60 * S, (at) => at < 3)];
    const open = step(STOPPED.trouble, { calls }, NOW + 60 * S);
    expect(open.effect?.clause).toContain('2 of 5 calls since: 2 of 5 calls went through (NER 40 %)');
  });

  it('does not stop it again for the calls that it was stopped for', () => {
    const calls = since(5, NOW + 60 * S);
    const proven = step(STOPPED.trouble, { calls }, NOW + 60 * S);
    expect(step(proven.trouble, { calls }, NOW + 61 * S).effect).toBeUndefined();
  });

  it('doubles the hold when the few calls of the half-open time fail again', () => {
    const open = step(STOPPED.trouble, { calls: FAILING }, NOW + 40 * S);
    const again = [...FAILING, ...series(4, NOW + 50 * S, () => true)];
    const relapse = step(open.trouble, { calls: again }, NOW + 50 * S);
    expect(relapse.trouble?.hold).toMatchObject({ strikes: 2, holdUntilMs: NOW + 110 * S });
  });

  it('goes on probes alone once the class has had no call for ten minutes', () => {
    const parts = { calls: FAILING, latestAtMs: NOW };
    expect(step(STOPPED.trouble, parts, NOW + 10 * MIN - 1).effect?.tier).toBe('half-open');
    expect(step(STOPPED.trouble, parts, NOW + 10 * MIN).effect).toBeUndefined();
  });

  it('without calls at this trunk, but at others, it stays half-open: unknown restores nothing (safety rule 2)', () => {
    const parts = { calls: FAILING, latestAtMs: NOW + 60 * MIN };
    expect(step(STOPPED.trouble, parts, NOW + 60 * MIN).effect?.tier).toBe('half-open');
  });

  it('leaves calls out that ended while this side was in trouble', () => {
    expect(step(undefined, { calls: FAILING, spoiltUntilMs: NOW }, NOW).effect).toBeUndefined();
    const later = [...FAILING, failed(NOW + S)];
    expect(step(undefined, { calls: later, spoiltUntilMs: NOW }, NOW + S).effect).toBeUndefined();
  });

  it('leaves calls out that ended more than a quarter of an hour ago', () => {
    expect(step(undefined, { calls: FAILING }, NOW + 15 * MIN).effect).toBeUndefined();
  });

  it('sheds a share for poor calls, and stops when they are well or when nobody calls', () => {
    const poor = step(undefined, { calls: series(60, NOW, (at) => at % 3 === 0) }, NOW);
    expect(poor.effect?.tier).toBe('shedding');
    expect(step(poor.trouble, { calls: series(64, NOW + 5 * MIN) }, NOW + 5 * MIN).effect).toBeUndefined();
    const silent = { calls: [call(NOW - 16 * MIN)], latestAtMs: NOW };
    expect(step(poor.trouble, silent, NOW + MIN).effect?.tier).toBe('shedding');
    expect(step(poor.trouble, { calls: [] }, NOW + MIN)).toMatchObject({ effect: undefined, trouble: undefined });
  });

  it('asks for the MOS since it last failed, so that a bad minute does not count twice', () => {
    const asked: number[] = [];
    const mosSince = (sinceMs: number) => {
      asked.push(sinceMs);
      return undefined;
    };
    step(STOPPED.trouble, { calls: FAILING, mosSince }, NOW + 40 * S);
    expect(asked).toEqual([NOW]);
  });

  it('forgets a strike once as many hours have passed', () => {
    const proven = step(STOPPED.trouble, { calls: since(5, NOW + 60 * S) }, NOW + 60 * S);
    expect(step(proven.trouble, { calls: [call(NOW + 59 * MIN)] }, NOW + 59 * MIN).trouble).toBeDefined();
    expect(step(proven.trouble, { calls: [call(NOW + 60 * MIN)] }, NOW + 60 * MIN).trouble).toBeUndefined();
  });
});
