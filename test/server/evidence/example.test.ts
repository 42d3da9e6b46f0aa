import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import type { EvidencePack } from '../../../server/evidence/evidence-pack.ts';
import { escapeText } from '../../../server/evidence/markup.ts';
import { verifyPack } from '../../../server/evidence/verify-pack.ts';
import { readCsv } from '../../support/csv-reader.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/examples/evidence/${name}`, import.meta.url), 'utf8');
const json = read('evidence.json');
const csv = read('evidence.csv');
const html = read('evidence.html');
const pack = JSON.parse(json) as EvidencePack;

/** Both ends of the 95 % interval as the roots of (p - k/n)² = z² p (1 - p) / n: Wilson's definition, not his formula. */
function wilsonRoots(sent: number, lost: number): readonly [number, number] {
  const [z2, ratio] = [1.959964 ** 2, lost / sent];
  const [a, b, c] = [1 + z2 / sent, -(2 * ratio + z2 / sent), ratio ** 2];
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
  return [(-b - root) / (2 * a), (-b + root) / (2 * a)];
}

describe('the example of a lab incident, docs/examples/evidence', () => {
  it('is sound: every interval, sum and digest is worked out anew', () => {
    const { digests, faults, figures } = verifyPack(pack, sha256Hex);
    expect(faults).toEqual([]);
    expect(digests).toBe(12);
    expect(figures).toBeGreaterThan(50);
  });

  it('gives each count of its CSV the interval of Wilson, by his definition', () => {
    const rows = readCsv(csv).filter(
      ({ section, sent }) =>
        !section?.startsWith('media') && section !== 'cost' && section !== 'kind' && Number(sent) > 0,
    );
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) {
      const [sent, lost] = [Number(row['sent']), Number(row['lost'])];
      const [low, high] = wilsonRoots(sent, lost);
      expect(Math.abs(Number(row['low_ratio']) - low)).toBeLessThan(1e-7);
      expect(Math.abs(Number(row['high_ratio']) - high)).toBeLessThan(1e-7);
      expect(Number(row['loss_ratio'])).toBeCloseTo(lost / sent, 12);
    }
  });

  it('holds in its CSV what its manifest signs for, and in its page the digests of both', () => {
    const stated = new Map(pack.manifest.map(({ part, sha256 }) => [part, sha256]));
    expect(createHash('sha256').update(csv).digest('hex')).toBe(stated.get('evidence.csv'));
    expect(createHash('sha256').update(JSON.stringify(pack.series)).digest('hex')).toBe(stated.get('series'));
    for (const digest of stated.values()) expect(html).toContain(digest);
    for (const sentence of pack.summary.sentences) expect(html).toContain(escapeText(sentence));
  });

  it('accuses the provider that lost 10 %, over minutes whose interval holds it, beside a clean control group', () => {
    expect(pack.verdict).toMatchObject({ symptom: 'loss', certainty: 'named', place: 'provider telco-a' });
    expect(pack.verdict.posterior).toBeGreaterThanOrEqual(0.95);
    const { clearedAtEpochMs = 0, firstLossAtEpochMs = 0, sentence } = pack.verdict;
    const quietMs = Number(/^Cleared: quiet for (\d+) s/.exec(sentence)?.[1]) * 1000;
    const lossy = pack.pooled.inside.filter(
      ({ lengthMs, startEpochMs }) =>
        lengthMs === 60_000 && startEpochMs > firstLossAtEpochMs && startEpochMs + 60_000 <= clearedAtEpochMs - quietMs,
    );
    const [sent, lost] = [
      lossy.reduce((sum, span) => sum + span.sent, 0),
      lossy.reduce((sum, span) => sum + span.lost, 0),
    ];
    const [low, high] = wilsonRoots(sent, lost);
    expect(lossy.length).toBeGreaterThanOrEqual(2);
    expect([low < 0.1, high > 0.1]).toEqual([true, true]);
    expect(pack.looks[0]?.paths.filter(({ role }) => role === 'control').every(({ isClean }) => isClean)).toBe(true);
  });
});
