import { describe, expect, test } from 'vitest';
import { assignmentNotes } from '../../../server/assign/assignment-changes.ts';
import { type AssignmentPlan, NOTHING_ASSIGNED, planAssignments } from '../../../server/assign/assignment-plan.ts';
import type { OptionsDuty } from '../../../wire/assignment.ts';
import { DEFAULT_BUDGET, fleetOf, seeded, type TestFleet } from './random-fleet.ts';

function plan({ policy, input }: TestFleet, previous: AssignmentPlan = NOTHING_ASSIGNED): AssignmentPlan {
  return planAssignments(previous, policy, input);
}

function witnessDuties(assigned: AssignmentPlan, target: string): readonly OptionsDuty[] {
  return [...assigned.duties.values()].flatMap(({ options }) =>
    options.filter((duty) => duty.target === target && duty.role === 'witness'),
  );
}

/**
 * Most attempts that any 60 s of ten minutes can hold, each up to 100 ms early or late, every confirmation that is allowed made at
 * the worst time.
 */
function busiestMinute(duties: readonly OptionsDuty[], random: () => number): number {
  const times = duties.flatMap(({ intervalMs, phaseMs }) => {
    const own: number[] = [];
    for (let atMs = phaseMs; atMs < 600_000; atMs += intervalMs) own.push(atMs + 200 * random() - 100);
    return own;
  });
  const sorted = times.toSorted((a, b) => a - b);
  let busiest = 0;
  let from = 0;
  for (const [at, timeMs] of sorted.entries()) {
    while (timeMs - (sorted[from] ?? 0) >= 60_000) from += 1;
    busiest = Math.max(busiest, at - from + 1);
  }
  return busiest + duties.reduce((sum, { confirmPerMinute }) => sum + (confirmPerMinute ?? 0), 0);
}

describe('the budget of an edge', () => {
  test('is never exceeded in any minute, confirmations included, whatever the fleet (1 to 5,000 PBXs)', () => {
    const random = seeded(11);
    const pick = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
    for (let round = 0; round < 60; round += 1) {
      const pbxCount = round < 50 ? pick(1, 60) : pick(1000, 5000);
      const budgets = [0, 1].map(() => ({
        attemptsPerMinute: pick(1, 30),
        confirmPerMinute: pick(0, 40),
        witnessesPerSite: pick(1, 3),
        fastestIntervalMs: 1000,
      }));
      const qualifies = random() < 0.5;
      const fleet = fleetOf({
        pbxCount,
        siteCount: pick(1, Math.min(40, pbxCount)),
        budgets,
        qualifyPerMinute: () => (qualifies ? (random() * 6) / pbxCount : 0),
        condition: () => (random() < 0.15 ? 'unheard' : random() < 0.1 ? 'sick' : 'able'),
        declares: () => random() < 0.8,
      });
      const assigned = plan(fleet);
      for (const { edge, load, attemptsPerMinute } of assigned.edges) {
        const duties = witnessDuties(assigned, edge.key);
        const busiest = busiestMinute(duties, random);
        expect(busiest).toBeLessThanOrEqual(Math.ceil(attemptsPerMinute) + edge.budget.confirmPerMinute);
        expect(busiest).toBeLessThanOrEqual(edge.budget.attemptsPerMinute + edge.budget.confirmPerMinute);
        const wanted = edge.budget.attemptsPerMinute - load.qualifyPerMinute;
        const least = 0.2 * load.placeCount;
        expect(attemptsPerMinute).toBeLessThanOrEqual(Math.max(wanted, least) + 1e-9);
      }
    }
  });

  test('holds by the caps of the probes alone where a loss schedule runs beside the intervals', () => {
    const budget = { attemptsPerMinute: 900, confirmPerMinute: 300, witnessesPerSite: 3, fastestIntervalMs: 1000 };
    const assigned = plan(fleetOf({ pbxCount: 4, siteCount: 2, budgets: [budget] }));
    const duties = witnessDuties(assigned, 't0.e');
    expect(duties).toHaveLength(4);
    expect(duties.every(({ intervalMs, lossMeanMs }) => intervalMs === 1000 && lossMeanMs > 0)).toBe(true);
    const together = duties.reduce((sum, { perMinute }) => sum + perMinute, 0);
    expect(together).toBeLessThanOrEqual(1200);
    const [duty] = duties;
    expect(60 + 60_000 / (duty?.lossMeanMs ?? 1)).toBeLessThan(225);
  });

  test('is one attempt each 10 s by default, and one in a hundred less, spread evenly over the witnesses of two sites', () => {
    const assigned = plan(fleetOf({ pbxCount: 40, siteCount: 2 }));
    const phases = witnessDuties(assigned, 't0.e').map(({ phaseMs, intervalMs }) => [phaseMs, intervalMs]);
    expect(phases.toSorted(([a], [b]) => (a ?? 0) - (b ?? 0))).toEqual(
      [0, 1, 2, 3, 4, 5].map((slot) => [slot * 10_100, 60_600]),
    );
  });

  test("counts the PBXs' own qualify in, and leaves at least one attempt in five minutes a site", () => {
    const half = plan(fleetOf({ pbxCount: 4, siteCount: 2, qualifyPerMinute: () => 1 }));
    expect(half.edges[0]?.attemptsPerMinute).toBe(2);
    expect(half.edges[0]?.isOverrun).toBe(false);
    const flooded = plan(fleetOf({ pbxCount: 4, siteCount: 2, qualifyPerMinute: () => 12 }));
    expect(flooded.edges[0]).toMatchObject({ isOverrun: true, attemptsPerMinute: 0.4 });
    expect(witnessDuties(flooded, 't0.e').map(({ intervalMs }) => intervalMs)).toEqual([303_000, 303_000]);
  });

  test('is the same when every PBX asks by itself, each at its turn', () => {
    const assigned = plan(fleetOf({ pbxCount: 50, siteCount: 5 }));
    const duties = [...assigned.duties.values()].flatMap(({ options }) =>
      options.filter(({ target }) => target === 't0.e'),
    );
    expect(new Set(duties.map(({ aloneIntervalMs }) => aloneIntervalMs))).toEqual(new Set([505_000]));
    const turns = duties.map(({ alonePhaseMs }) => alonePhaseMs ?? -1).toSorted((a, b) => a - b);
    expect(turns).toEqual(turns.map((_, at) => at * 10_100));
  });

  test('is given up in part for PBXs that no hub hears, for they may be asking by themselves', () => {
    const fleet = fleetOf({ pbxCount: 4, siteCount: 2, condition: (pbx) => (pbx === 'pbx-3' ? 'unheard' : 'able') });
    expect(plan(fleet).edges[0]?.attemptsPerMinute).toBe(4.5);
  });
});

describe('witnesses', () => {
  test('are at most three a site, of PBXs that are heard; the others of the site inherit from them', () => {
    const assigned = plan(
      fleetOf({ pbxCount: 10, siteCount: 1, condition: (pbx) => (pbx === 'pbx-0' ? 'unheard' : 'able') }),
    );
    const names = assigned.edges[0]?.witnesses.map(({ pbx }) => pbx) ?? [];
    expect(names).toHaveLength(3);
    expect(names).not.toContain('pbx-0');
    for (const [pbx, { options }] of assigned.duties) {
      const duty = options.find(({ target }) => target === 't0.e');
      if (names.includes(pbx)) expect(duty).toMatchObject({ role: 'witness', from: [] });
      else expect(duty?.from.toSorted()).toEqual(names.toSorted());
    }
  });

  test('stay when nothing changed, when a PBX joins and when another witness goes: no reshuffling', () => {
    const before = plan(fleetOf({ pbxCount: 30, siteCount: 2 }));
    const again = plan(fleetOf({ pbxCount: 30, siteCount: 2 }), before);
    expect(again.witnesses).toEqual(before.witnesses);
    expect(again.duties).toEqual(before.duties);
    const joined = plan(fleetOf({ pbxCount: 31, siteCount: 2 }), before);
    expect(joined.witnesses).toEqual(before.witnesses);
    const [gone] = before.witnesses.get('t0.e|site-0|') ?? [];
    const after = plan(
      fleetOf({ pbxCount: 30, siteCount: 2, condition: (pbx) => (pbx === gone ? 'unheard' : 'able') }),
      before,
    );
    const kept = (before.witnesses.get('t0.e|site-0|') ?? []).filter((pbx) => pbx !== gone);
    expect(after.witnesses.get('t0.e|site-0|')).toEqual(expect.arrayContaining(kept));
    expect(after.witnesses.get('t0.e|site-0|')).toHaveLength(3);
    expect(after.witnesses.get('t0.e|site-1|')).toEqual(before.witnesses.get('t0.e|site-1|'));
  });

  test('are spread over the PBXs of a site: nobody has more than two seats more than another', () => {
    const budgets = Array.from({ length: 12 }, () => DEFAULT_BUDGET);
    const assigned = plan(fleetOf({ pbxCount: 12, siteCount: 1, budgets }));
    const seats = new Map<string, number>();
    for (const elected of assigned.witnesses.values()) {
      for (const pbx of elected) seats.set(pbx, (seats.get(pbx) ?? 0) + 1);
    }
    const counts = [...seats.values()];
    expect(counts).toHaveLength(12);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });

  test('of two providers with one pace are striped pairs: same PBX, same millisecond, each naming the other', () => {
    const assigned = plan(fleetOf({ pbxCount: 20, siteCount: 2 }));
    for (const duty of witnessDuties(assigned, 't0.e')) expect(duty.pairedWith).toBe('t1.e');
    for (const { options } of assigned.duties.values()) {
      const [a, b] = ['t0.e', 't1.e'].map((target) => options.find((duty) => duty.target === target));
      expect(a?.role).toBe(b?.role);
      expect(a?.phaseMs).toBe(b?.phaseMs);
    }
  });

  test('a sick probe is a witness only where no sound one is there', () => {
    const sickOne = plan(
      fleetOf({ pbxCount: 2, siteCount: 1, condition: (pbx) => (pbx === 'pbx-0' ? 'sick' : 'able') }),
    );
    expect(sickOne.witnesses.get('t0.e|site-0|')).toEqual(['pbx-1']);
    const allSick = plan(fleetOf({ pbxCount: 2, siteCount: 1, condition: () => 'sick' }));
    expect(allSick.witnesses.get('t0.e|site-0|')).toHaveLength(2);
  });
});

describe('notes for the journal', () => {
  test('say who was elected, and an overrun once when it begins and once when it ends', () => {
    const quiet = plan(fleetOf({ pbxCount: 2, siteCount: 1 }));
    expect(assignmentNotes(NOTHING_ASSIGNED, quiet).map(({ kind, about }) => `${kind} ${about}`)).toEqual([
      'witnesses-elected t0.e',
      'witnesses-elected t1.e',
    ]);
    expect(assignmentNotes(quiet, plan(fleetOf({ pbxCount: 2, siteCount: 1 }), quiet))).toEqual([]);
    const flooded = plan(fleetOf({ pbxCount: 2, siteCount: 1, qualifyPerMinute: () => 4 }), quiet);
    const notes = assignmentNotes(quiet, flooded).filter(({ kind }) => kind === 'budget-overrun');
    expect(notes.map(({ sentence }) => sentence)).toEqual(
      ['t0', 't1'].map(
        (trunk, at) =>
          `the PBXs' own qualify asks ${trunk}.e 8.0 attempts a minute, p${at} allows 6: raise qualify_frequency; the probes ask as rarely as they may`,
      ),
    );
    expect(assignmentNotes(flooded, quiet).some(({ kind }) => kind === 'budget-kept')).toBe(true);
  });
});
