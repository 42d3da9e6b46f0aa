import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import type { EvidencePack } from '../../../server/evidence/evidence-pack.ts';
import { packJson } from '../../../server/evidence/seal-pack.ts';
import { verifyPack } from '../../../server/evidence/verify-pack.ts';
import { everythingElse, pack } from './evidence-fixture.ts';

/** A pack as somebody reads it from its file. */
function fromFile(made: EvidencePack = pack()): EvidencePack {
  return JSON.parse(packJson(made)) as EvidencePack;
}

const places = (document: unknown) => verifyPack(document, sha256Hex).faults.map(({ path }) => path);

describe('the verification of a pack', () => {
  it('finds nothing wrong with one as it was made, after a way through a file', () => {
    const { digests, faults, figures } = verifyPack(fromFile(), sha256Hex);
    expect(faults).toEqual([]);
    expect(digests).toBe(12);
    expect(figures).toBeGreaterThan(50);
  });

  it('finds a count, an interval, a sum and a word that were changed', () => {
    const made = fromFile();
    const [look] = made.looks;
    const [series] = made.series;
    const [pooled] = made.pooled.inside;
    if (!look || !series || !pooled) throw new Error('parts are missing');
    look.inside.lost += 1;
    look.inside.lossRatio = look.inside.lost / look.inside.sent;
    series.whole.sent -= 60;
    pooled.highRatio = 0.02;
    made.summary.headline = 'All is well';
    expect(places(made)).toEqual(
      expect.arrayContaining([
        'looks[0].inside.lowRatio',
        'looks[0].inside.highRatio',
        'series[0].whole.sent',
        'pooled.inside[0].highRatio',
        'manifest.summary',
        'manifest.looks',
        'manifest.series',
        'manifest.pooled',
        'manifest.evidence.csv',
      ]),
    );
  });

  it('finds a minute that was taken out, even where the manifest was made anew', () => {
    const made = fromFile();
    made.series[0]?.spans.splice(4, 1);
    expect(places(made)).toEqual(expect.arrayContaining(['series[0].whole.sent', 'pooled.inside[1].sent']));
  });

  it('works media and hops out anew too, with the interval that their bursts make', () => {
    const made = fromFile(pack(everythingElse()));
    expect(places(made)).toEqual([]);
    const [direction] = made.directions;
    const [minute] = direction?.minutes ?? [];
    const hop = made.traces[0]?.hops[2];
    if (!direction || !minute || !hop) throw new Error('parts are missing');
    direction.highRatio = 0.2;
    minute.lostSquares *= 2;
    hop.lowRatio = 0;
    made.pooled.inside.pop();
    expect(places(made)).toEqual(
      expect.arrayContaining([
        'directions[0].highRatio',
        'directions[0].minutes[0].lowRatio',
        'traces[0].hops[2].lowRatio',
        'pooled.inside[4].sent',
        'manifest.directions',
        'manifest.traces',
      ]),
    );
  });

  it('finds parts that are missing in the manifest, and parts that are none', () => {
    const made = fromFile();
    made.manifest = [{ part: 'more', bytes: 1, sha256: '0'.repeat(64) }, ...made.manifest.slice(1)];
    expect(places(made)).toEqual(['manifest.verdict', 'manifest.more']);
  });

  it.each([undefined, null, 7, [], {}, { format: 'trunkward-evidence-2' }])('names what is no pack: %j', (value) => {
    const { digests, faults } = verifyPack(value, sha256Hex);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.message).toMatch(/^no pack: /);
    expect(digests).toBe(0);
  });
});
