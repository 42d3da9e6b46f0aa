import { describe, expect, it } from 'vitest';
import type { VerdictEffect } from '../../server/correlate/verdict-effect.ts';
import { EVIDENCE_EVERY_MS, ROW_EVERY_MS, type VerdictWritten, verdictWrite } from '../../server/verdict-record.ts';
import { NOW, verdict } from './routing/judged.ts';

type Told = readonly [atMs: number, effect: VerdictEffect];

const effect = (kind: VerdictEffect['kind'], parts: Parameters<typeof verdict>[0] = {}): VerdictEffect => ({
  kind,
  verdict: verdict(parts),
});
const update = (parts: Parameters<typeof verdict>[0] = {}) => effect('verdict-updated', parts);

/** What is written of effects at their times, in milliseconds after {@link NOW}. */
function writes(told: readonly Told[]): readonly string[] {
  let written: VerdictWritten | undefined;
  return told.map(([atMs, each]) => {
    const decided = verdictWrite(written, each, NOW + atMs);
    written = decided.written;
    return decided.kind;
  });
}

describe('what is written of a verdict', () => {
  it('is its evidence when it opens and when it clears', () => {
    expect(
      writes([
        [0, effect('verdict-opened')],
        [1, effect('verdict-cleared', { clearedAtMs: NOW + 1 })],
      ]),
    ).toEqual(['row-and-evidence', 'row-and-evidence']);
  });

  it.each([
    ['another certainty', update({ certainty: 'suspect' })],
    ['another place', update({ place: { kind: 'site', site: 'fra' } })],
    ['a witness new to it', update({ witnesses: ['fra-1', 'ams-1', 'lon-1'] })],
  ])('is its evidence at once with %s', (_name, each) => {
    expect(
      writes([
        [0, effect('verdict-opened')],
        [1, each],
        [2, each],
      ]),
    ).toEqual(['row-and-evidence', 'row-and-evidence', 'nothing']);
  });

  it('is nothing new for witnesses that come and go', () => {
    expect(
      writes([
        [0, effect('verdict-opened')],
        [1, update({ witnesses: ['fra-1'] })],
        [2, update({ witnesses: ['fra-1', 'ams-1'] })],
      ]),
    ).toEqual(['row-and-evidence', 'nothing', 'nothing']);
  });

  it('is its row every ten seconds and its evidence every five minutes while only figures change', () => {
    const told = Array.from(
      { length: 3600 },
      (_, second): Told => [second * 1000, update({ posterior: second / 3600 })],
    );
    const kinds = Map.groupBy(writes(told), (kind) => kind);
    expect(kinds.get('row-and-evidence')).toHaveLength(3_600_000 / EVIDENCE_EVERY_MS);
    expect(kinds.get('row')).toHaveLength(3_600_000 / ROW_EVERY_MS - 3_600_000 / EVIDENCE_EVERY_MS);
  });

  it('is its evidence when a hub that has just started hears of it', () => {
    expect(writes([[0, update()]])).toEqual(['row-and-evidence']);
  });
});
