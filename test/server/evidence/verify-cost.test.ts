import { describe, expect, it } from 'vitest';
import { assemblePack } from '../../../server/evidence/assemble-pack.ts';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import { evidenceCsv } from '../../../server/evidence/evidence-csv.ts';
import { evidenceHtml } from '../../../server/evidence/evidence-html.ts';
import type { EvidencePack } from '../../../server/evidence/evidence-pack.ts';
import { sealPack } from '../../../server/evidence/seal-pack.ts';
import { verifyPack } from '../../../server/evidence/verify-pack.ts';
import { readCsv } from '../../support/csv-reader.ts';
import { kept, OPENED, packInput, STYLE_DIGEST } from './evidence-fixture.ts';

const COST = {
  fromMs: OPENED - 40_000,
  newestAtMs: OPENED + 100_000,
  pbxes: 2,
  sites: 2,
  classes: [{ class: 'national', attempted: 9, failed: 3 }],
  calls: {
    attempted: 10,
    answered: 6,
    failed: 3,
    failedBy: [
      { by: '503', calls: 2 },
      { by: '408', calls: 1 },
    ],
    givenUp: 1,
    short: 2,
    unknown: 0,
  },
  media: { calls: 6, bad: 4 },
  blindPbxes: [],
};
const LIFE = {
  sinceMs: OPENED - 40_000,
  sinceLowMs: OPENED - 43_000,
  sinceHighMs: OPENED - 39_000,
  reopenedAtMs: [OPENED],
};

function packOf(changes: Parameters<typeof kept>[0]): EvidencePack {
  return sealPack(assemblePack(packInput({ verdict: kept(changes) })), sha256Hex);
}

/** The pack with its verdict changed and signed for again: only what does not go together can give it away. */
function resealed(pack: EvidencePack, changes: Partial<EvidencePack['verdict']>): EvidencePack {
  const { manifest: _old, ...rest } = pack;
  return sealPack({ ...rest, verdict: { ...pack.verdict, ...changes } }, sha256Hex);
}

describe('since when and what it costs in a pack', () => {
  const pack = packOf({ ...LIFE, cost: COST });

  it('is sound, and said in plain words with its interval', () => {
    expect(verifyPack(pack, sha256Hex).faults).toEqual([]);
    const text = pack.summary.sentences.join(' ');
    expect(pack.summary.headline).toContain('since 2026-03-14 02:06:20 UTC');
    expect(text).toContain('with 95 % confidence between 2026-03-14 02:06:17 UTC');
    expect(text).toContain('Within a day it had ended and come back once.');
    expect(text).toContain('Of 10 calls that ended there meanwhile 3 failed (2 by 503, 1 by 408)');
  });

  it('stands in the page and, a count a row, in the CSV', () => {
    const html = evidenceHtml(pack, STYLE_DIGEST);
    expect(html).toContain('Failed by 503');
    const rows = readCsv(evidenceCsv(pack)).filter(({ section }) => section === 'cost');
    expect(rows.find(({ moment, path }) => moment === 'failedBy' && path === '408')).toMatchObject({ sent: '1' });
    expect(rows.find(({ moment, path }) => moment === 'failed' && path === 'national')).toMatchObject({ sent: '3' });
  });

  it('says "before" where it began before anything that was counted', () => {
    const { summary } = packOf({ sinceHighMs: OPENED - 200_000 });
    expect(summary.headline).toContain('since before 2026-03-14 02:0');
    expect(summary.sentences.join(' ')).toContain('It began before 2026-03-14 02:03:40 UTC');
  });

  it('says that calls are unknown where no Asterisk was reached', () => {
    const { calls: _calls, media: _media, ...rest } = COST;
    const blind = packOf({ cost: { ...rest, noCalls: 'asterisk-not-reached' } });
    expect(blind.summary.sentences.join(' ')).toContain('What calls met is not known');
    expect(evidenceHtml(blind, STYLE_DIGEST)).toContain('no data: no Asterisk there was reached');
  });

  it('of a hub that knew neither is a pack all the same, sound and without a word of them', () => {
    const old = packOf({});
    expect(verifyPack(old, sha256Hex).faults).toEqual([]);
    expect(old.summary.sentences.join(' ')).not.toContain('What it cost');
    expect(evidenceCsv(old)).not.toContain('\ncost,');
  });

  it.each<[string, Partial<EvidencePack['verdict']>]>([
    ['verdict.cost.calls.failedBy', { cost: { ...pack.verdict.cost, calls: { ...COST.calls, failed: 4 } } as never }],
    ['verdict.cost.calls', { cost: { ...pack.verdict.cost, calls: { ...COST.calls, short: 7 } } as never }],
    ['verdict.cost.media', { cost: { ...pack.verdict.cost, media: { calls: 3, bad: 4 } } as never }],
    ['verdict.sinceEpochMs', { sinceEpochMs: OPENED + 1 }],
  ])('is told apart from one that does not go together: %s', (path, changes) => {
    expect(verifyPack(resealed(pack, changes), sha256Hex).faults.map((fault) => fault.path)).toContain(path);
  });
});
