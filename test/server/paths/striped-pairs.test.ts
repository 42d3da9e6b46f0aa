import { describe, expect, it } from 'vitest';
import { PathTable } from '../../../server/paths/path-table.ts';
import { PairLedger, shownPairs } from '../../../server/paths/striped-pairs.ts';
import type { SipOptionsMeasurement } from '../../../wire/measurement.ts';
import { answered, missed, trunkPath } from './measured.ts';

describe('striped pairs', () => {
  it('are counted for both targets once both have settled, in whatever order', () => {
    const ledger = new PairLedger();
    ledger.add(1, 'a.a1', true, 1000);
    expect(ledger.of('a.a1', 1000)).toBeUndefined();
    ledger.add(2, 'b.b1', false, 2000);
    ledger.add(1, 'b.b1', true, 2100);
    ledger.add(2, 'a.a1', true, 2200);
    expect(ledger.of('a.a1', 3000)).toMatchObject({ other: 'b.b1', pairs: 2, lost: 2, bothLost: 1 });
    expect(ledger.of('b.b1', 3000)).toMatchObject({ other: 'a.a1', pairs: 2, lost: 1, bothLost: 1 });
    expect(ledger.of('b.b1', 303_000)).toBeUndefined();
  });

  it('whose partner never settles are forgotten, and another instance counts anew', () => {
    const ledger = new PairLedger();
    for (let pair = 0; pair < 1000; pair += 1) ledger.add(pair, 'a.a1', true, pair);
    ledger.add(5, 'b.b1', true, 1000);
    expect(ledger.of('b.b1', 1000)).toBeUndefined();
    ledger.startInstance();
    ledger.add(999, 'b.b1', true, 1001);
    expect(ledger.of('b.b1', 1001)).toBeUndefined();
  });

  it.each<[number, number, RegExp | undefined]>([
    [2, 2, undefined],
    [4, 4, /points at our own uplink/],
    [4, 0, /points beyond our own uplink/],
    [6, 2, /2 were lost there too\.$/],
  ])('of %i losses %i shared are said as %s', (lost, bothLost, said) => {
    const shown = shownPairs({ other: 'b.b1', pairs: 100, lost, bothLost, windowMs: 300_000 });
    if (said === undefined) expect(shown).toBeUndefined();
    else expect(shown).toMatch(said);
  });

  it('show in the reason of a path, and change no state', () => {
    const paths = new PathTable();
    const targets = ['a.a1', 'b.b1'];
    paths.setPaths(
      'fra-1',
      targets.map((target) => trunkPath('fra-1', `telco-${target}`, target)),
      0,
    );
    for (let pair = 0; pair < 40; pair += 1) {
      const make = pair % 10 === 5 ? missed : answered;
      const measurements = targets.map((target): SipOptionsMeasurement => ({ ...make(target, pair * 1000), pair }));
      paths.addBatch({
        pbx: 'fra-1',
        instanceId: 'i',
        measurements,
        batchSentAtMs: pair * 1000 + 600,
        nowMs: pair * 1000 + 600,
      });
    }
    const [first] = paths.healthsOf('fra-1', 40_000);
    expect(first?.pairs).toMatchObject({ pairs: 40, lost: 4, bothLost: 4 });
    expect(first?.reason).toContain('4 were lost there too: points at our own uplink.');
  });
});
