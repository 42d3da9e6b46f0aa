import type { LivePbx } from '../../../../wire/live.ts';
import { formatCount, formatMs, formatWindow, plural } from '../format.ts';
import type { Tone } from '../path-look.ts';
import { byId, h, setText } from './dom.ts';
import { patch } from './patch.ts';
import { age, chip, pbxLink, table } from './pieces.ts';
import type { Scene } from './scene.ts';

const ROWS_SHOWN = 200;

/** Sign of a probe: whether it speaks, and whether its instrument may be believed. */
export function probeLook(pbx: LivePbx): { glyph: string; word: string; tone: Tone; rank: number } {
  if (pbx.probe === 'silent') return { glyph: '?', word: 'silent', tone: 'warn', rank: 0 };
  if (pbx.probe === 'never-seen') return { glyph: '?', word: 'never seen', tone: 'unknown', rank: 2 };
  if (pbx.isSick) return { glyph: '▲', word: 'sick, abstains', tone: 'warn', rank: 1 };
  return { glyph: '✓', word: 'connected', tone: 'good', rank: 3 };
}

/** The probe's instrument in words: what its own error is (safety rule 1). */
export function instrumentText(pbx: LivePbx): string {
  const parts = [
    pbx.eventLoopDelayP99Ms === undefined ? undefined : `loop p99 ${formatMs(pbx.eventLoopDelayP99Ms)}`,
    pbx.selfProbeRttMs === undefined ? undefined : `self ${formatMs(pbx.selfProbeRttMs)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'no reading' : parts.join(' · ');
}

/** What the instrument's reading stands on: n, window and source. */
export function instrumentGround({ instrumentWindowMs, selfProbeLost, selfProbeSent }: LivePbx): string {
  if (selfProbeSent === undefined || instrumentWindowMs === undefined) return 'the probe has told nothing of it yet';
  const self = `self-probe on loopback: n ${formatCount(selfProbeSent)}, ${formatCount(selfProbeLost ?? 0)} lost`;
  return `measured by the probe of itself in ${formatWindow(instrumentWindowMs)}: event-loop delay; ${self}`;
}

/** Draws the probes, the troubled first. */
export function drawProbes({ state, tally, nowEpochMs }: Scene): void {
  const pbxes = [...state.pbxes.values()].toSorted(
    (a, b) => probeLook(a).rank - probeLook(b).rank || a.pbx.localeCompare(b.pbx, 'en', { numeric: true }),
  );
  const rows = pbxes.slice(0, ROWS_SHOWN).map((pbx) => row(pbx, nowEpochMs));
  const hidden = pbxes.length - rows.length;
  patch(byId('probe-list', HTMLElement), [
    rows.length === 0
      ? h('p', { class: 'empty' }, 'No PBX is configured.')
      : table('Probes', ['PBX', 'Site', 'Probe', 'For', 'Instrument', 'Clock', 'Dropped'], rows),
    hidden > 0 ? h('p', { class: 'empty' }, `${plural(hidden, 'more probe')} not shown.`) : undefined,
  ]);
  setText(
    byId('probe-count', HTMLElement),
    `${tally.probes.connected} of ${plural(tally.probeTotal, 'probe')} connected`,
  );
}

function row(pbx: LivePbx, nowEpochMs: number): HTMLElement {
  const versions = `Asterisk ${pbx.asteriskVersion ?? pbx.asteriskAway ?? 'unknown'}, probe ${pbx.softwareVersion ?? 'unknown'}`;
  return h(
    'tr',
    { 'data-key': pbx.pbx },
    h('th', { scope: 'row', title: versions }, pbxLink(pbx.pbx)),
    h('td', { 'data-label': 'Site' }, pbx.site),
    h('td', { 'data-label': 'Probe' }, chip(probeLook(pbx))),
    h('td', { 'data-label': 'For', class: 'number' }, age(pbx.sinceEpochMs, nowEpochMs)),
    h('td', { 'data-label': 'Instrument', title: instrumentGround(pbx) }, instrumentText(pbx)),
    h(
      'td',
      { 'data-label': 'Clock', class: 'number', title: 'n 1: against the hub, by the time in its last frame' },
      pbx.clockOffsetMs === undefined ? '–' : formatMs(pbx.clockOffsetMs),
    ),
    h(
      'td',
      { 'data-label': 'Dropped', class: 'number', title: 'measurements dropped since the probe started' },
      formatCount(pbx.droppedMeasurements),
    ),
  );
}
