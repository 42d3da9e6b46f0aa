import { describe, expect, it } from 'vitest';
import { assemblePack } from '../../../server/evidence/assemble-pack.ts';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import { evidenceCsv } from '../../../server/evidence/evidence-csv.ts';
import { evidenceHtml } from '../../../server/evidence/evidence-html.ts';
import type { KeptVerdict } from '../../../server/evidence/kept-verdict.ts';
import { readVerdict } from '../../../server/evidence/kept-verdict.ts';
import { sealPack } from '../../../server/evidence/seal-pack.ts';
import { verifyPack } from '../../../server/evidence/verify-pack.ts';
import { kept, packInput, STYLE_DIGEST } from './evidence-fixture.ts';

const KINDS = [
  { kind: 'icmp', sent: 120, lost: 9, sentOutside: 120, lostOutside: 0, isLossy: true },
  { kind: 'calls', sent: 0, lost: 0, sentOutside: 40, lostOutside: 1, isLossy: false },
];

function packOf(changes: Partial<KeptVerdict>) {
  return assemblePack(packInput({ verdict: kept(changes) }));
}

describe('other kinds of evidence in a pack', () => {
  it('stand in the verdict, on the page and in the file, and the pack verifies', () => {
    const pack = packOf({ kinds: KINDS });
    expect(pack.verdict.kinds).toEqual(KINDS);
    const page = evidenceHtml(sealPack(pack, sha256Hex), STYLE_DIGEST);
    expect(page).toContain('9 of 120, 7.50 %');
    expect(page).toContain('not counted');
    const rows = evidenceCsv(pack)
      .split('\r\n')
      .filter((row) => row.startsWith('kind,'));
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain('inside,icmp');
    expect(verifyPack(sealPack(pack, sha256Hex), sha256Hex).faults).toEqual([]);
  });

  it('are read of a later version that says more of each', () => {
    const later = kept({ kinds: KINDS.map((each) => ({ ...each, weight: 0.5 })) });
    const read = readVerdict(JSON.parse(JSON.stringify(later)));
    expect(read && packOf(read).verdict.kinds).toEqual(KINDS);
  });

  it('are said to be absent where none is', () => {
    expect(evidenceHtml(sealPack(packOf({}), sha256Hex), STYLE_DIGEST)).toContain('No other kind of evidence');
  });
});
