import { expect, it } from 'vitest';
import { withMeshAbsence } from '../../server/mesh-absence.ts';
import type { FigureSheet } from '../../wire/figures.ts';

const KEY = 'fra-1>peer.ams-1';
const SHEET: FigureSheet = {
  key: KEY,
  title: 'fra-1 to ams-1',
  figures: [],
  noData: [
    { what: 'mesh', direction: 'forward', because: 'an earlier stream said so', newestAtEpochMs: 1 },
    { what: 'name', direction: 'none', because: 'something else is missing' },
  ],
};
const engine = {
  targetOf: (_pbx: string, target: string) =>
    target === 'peer.ams-1' ? ({ target, kind: 'peer', peer: 'ams-1' } as const) : undefined,
};

it('says why no stream is assigned in place of what an earlier one said, and leaves what else is missing', () => {
  const mesh = { absence: (pbx: string, peer: string) => `${pbx} sends nothing to ${peer}` };
  expect(withMeshAbsence(SHEET, KEY, { engine, mesh })?.noData).toEqual([
    { what: 'mesh', direction: 'round-trip', because: 'fra-1 sends nothing to ams-1' },
    SHEET.noData?.[1],
  ]);
});

it('leaves the sheet as it is where a stream is assigned, where no peer is looked at, and where there is none', () => {
  const mesh = { absence: () => undefined };
  const absent = { absence: () => 'nothing is sent' };
  expect(withMeshAbsence(SHEET, KEY, { engine, mesh })).toBe(SHEET);
  expect(withMeshAbsence(SHEET, 'fra-1>a.a1', { engine, mesh: absent })).toBe(SHEET);
  expect(withMeshAbsence(undefined, KEY, { engine, mesh: absent })).toBeUndefined();
});
