import type { Counted, EvidencePack, PackDirection, PackLook } from './evidence-pack.ts';
import { type Markup, type MarkupChild, markup } from './markup.ts';
import { zoneTime } from './zone-time.ts';

const MOMENTS = { opened: 'when the verdict was opened', worst: 'at the worst', latest: 'at the latest look' } as const;
const ROLES = { inside: 'of the place', control: 'control' } as const;
/** Minutes of media that are shown one by one; the JSON and CSV hold them all. */
const MAX_MEDIA_ROWS = 60;

/** A time in UTC, and below it in the provider's zone. */
export function times(epochMs: number, zone: string | undefined): Markup {
  const local = zone === undefined ? undefined : markup`<br>${zoneTime(epochMs, zone)}`;
  return markup`${zoneTime(epochMs)}${local}`;
}

/** A ratio in percent, two places. */
export function percent(ratio: number | undefined): string {
  return ratio === undefined ? 'unknown' : `${(ratio * 100).toFixed(2)} %`;
}

/** A table with a caption; every row is given whole. */
export function table(caption: string, heads: readonly string[], rows: readonly Markup[]): Markup {
  const cells = heads.map((head) => markup`<th scope="col">${head}</th>`);
  return markup`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The paths as they stood at one moment, those of the place first, with the sums of both groups. */
export function lookTable(
  { atEpochMs, inside, moment, outside, paths, windowMs }: PackLook,
  zone: string | undefined,
): Markup {
  const rows = paths.map(
    (path) =>
      markup`<tr class="${path.role}"><th scope="row">${path.pathKey}</th><td>${ROLES[path.role]}</td><td>${path.provider ?? path.peer ?? ''}</td><td>${path.state}</td>${counts(path)}<td>${judged(path)}</td><td class="n">${milliseconds(path.rttP50Ms)} / ${milliseconds(path.rttP95Ms)}</td><td class="n">${path.icmp ? `${path.icmp.lost} of ${path.icmp.sent}` : ''}</td></tr>`,
  );
  const sums = [
    sumRow(`all ${inside.paths} of the place`, inside),
    sumRow(`all ${outside.paths} others of the fleet`, outside),
  ];
  const local = zone === undefined ? '' : ` (${zoneTime(atEpochMs, zone)})`;
  const caption = `Counts over ${Math.round(windowMs / 1000)} s, ${MOMENTS[moment]}: ${zoneTime(atEpochMs)}${local}`;
  return table(
    caption,
    ['Path', 'Group', 'To', 'State', 'Sent', 'Lost', 'Loss', '95 % interval', 'Reads', 'RTT p50 / p95', 'ICMP lost'],
    [...rows, ...sums],
  );
}

/** Each path over the whole time of the verdict. */
export function wholeTable({ series }: EvidencePack): Markup {
  if (series.length === 0) return markup`<p class="empty">Nothing was kept.</p>`;
  const rows = series.map(
    ({ pathKey, role, whole }) =>
      markup`<tr class="${role}"><th scope="row">${pathKey}</th><td>${ROLES[role]}</td>${counts(whole)}</tr>`,
  );
  return table(
    'Sums of the minutes that the verdict lasted',
    ['Path', 'Group', 'Sent', 'Lost', 'Loss', '95 % interval'],
    rows,
  );
}

/** What media met each way. */
export function directionTables({ directions, timeZone, verdict }: EvidencePack): Markup {
  if (directions.length === 0) {
    return markup`<p>Direction: ${verdict.direction}. There is no evidence of single directions: test messages are round trips.</p>`;
  }
  const rows = directions.map(
    (each) =>
      markup`<tr class="${each.role}"><th scope="row">${each.mediaKey}</th><td>${ROLES[each.role]}</td><td>${sourceText(each)}</td><td>${wayText(each)}</td>${counts(each)}</tr>`,
  );
  const excerpt = directions
    .filter(({ role }) => role === 'inside')
    .flatMap((each) => each.minutes.map((minute) => ({ each, minute })))
    .toSorted((one, other) => one.minute.startEpochMs - other.minute.startEpochMs);
  const minutes = excerpt
    .slice(0, MAX_MEDIA_ROWS)
    .map(
      ({ each, minute }) =>
        markup`<tr><td class="time">${times(minute.startEpochMs, timeZone)}</td><th scope="row">${each.mediaKey}</th><td>${sourceText(each)}</td><td>${wayText(each)}</td>${counts(minute)}</tr>`,
    );
  const more =
    excerpt.length > MAX_MEDIA_ROWS ? ` (the first ${MAX_MEDIA_ROWS} of ${excerpt.length}; JSON and CSV hold all)` : '';
  const heads = ['Way', 'Group', 'Source', 'Direction', 'Packets', 'Lost', 'Loss', '95 % interval'];
  return markup`<p>Direction of the verdict: ${verdict.direction}.</p>${table('Media packets while the verdict lasted', heads, rows)}${
    minutes.length > 0 &&
    table(
      `Reports by the minute${more}`,
      ['Minute', 'Way', 'Source', 'Direction', 'Packets', 'Lost', 'Loss', '95 % interval'],
      minutes,
    )
  }`;
}

/** The traces, each with its hops. */
export function traceTables({ timeZone, traces }: EvidencePack): Markup {
  if (traces.length === 0) return markup`<p class="empty">None.</p>`;
  const tables = traces.map(({ atEpochMs, hops, pbx, sentence, target }) => {
    const rows = hops.map(
      (hop) =>
        markup`<tr><th scope="row" class="n">${hop.hop}</th><td>${hop.address ?? 'silent'}</td>${counts(hop)}<td class="n">${milliseconds(hop.averageMs)}</td></tr>`,
    );
    return markup`<h3>${pbx} to ${target}</h3><p>${sentence}</p>${table(`Received ${plainTimes(atEpochMs, timeZone)}`, ['Hop', 'Address', 'Sent', 'Unanswered', 'Share', '95 % interval', 'Average'], rows)}`;
  });
  return markup`${tables}`;
}

/** Calls by the names that Asterisk gave them. */
export function callTable({ calls, timeZone }: EvidencePack): Markup {
  if (calls.length === 0) return markup`<p class="empty">None.</p>`;
  const rows = calls.map(
    (call) =>
      markup`<tr><td class="time">${times(call.startedAtEpochMs, timeZone)}</td><td>${call.pbx}</td><td>${call.trunk}${call.edge === undefined ? '' : `, ${call.edge}`}</td><th scope="row">${call.linkedId}<br>${call.uniqueId}</th><td class="n">${call.statusCode ?? ''}</td><td class="n">${call.causeCode ?? ''}</td><td class="n">${call.answeredAtEpochMs === undefined ? 'not answered' : `${((call.endedAtEpochMs - call.answeredAtEpochMs) / 1000).toFixed(1)} s`}</td><td class="n">${milliseconds(call.pddMs)}</td><td>${call.endedBy ?? ''}</td></tr>`,
  );
  return table(
    'Linkedid and Uniqueid of Asterisk; status of SIP, cause of Q.850',
    ['Begun', 'PBX', 'Trunk', 'Call', 'Status', 'Cause', 'Talked', 'To ringing', 'Ended by'],
    rows,
  );
}

/** A time in UTC and in the provider's zone, in one line. */
export function plainTimes(epochMs: number, zone: string | undefined): string {
  return zone === undefined ? zoneTime(epochMs) : `${zoneTime(epochMs)} (${zoneTime(epochMs, zone)})`;
}

function counts({ highRatio, lossRatio, lost, lowRatio, sent }: Counted): Markup {
  const cells: readonly MarkupChild[] = [
    sent,
    lost,
    percent(lossRatio),
    `${percent(lowRatio)} to ${percent(highRatio)}`,
  ];
  return markup`${cells.map((cell) => markup`<td class="n">${cell}</td>`)}`;
}

function sumRow(name: string, sum: Counted): Markup {
  return markup`<tr class="sum"><th scope="row" colspan="4">${name}</th>${counts(sum)}<td colspan="3"></td></tr>`;
}

function judged({ isClean, sent }: { readonly isClean: boolean; readonly sent: number }): string {
  if (sent === 0) return 'unknown';
  return isClean ? 'clean' : 'lossy';
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(1)} ms`;
}

function sourceText({ direction, source }: PackDirection): string {
  if (source === 'mesh') return 'RTP between our sites, counted packet by packet';
  return direction === 'forward' ? 'RTCP of calls: what the far end says it met' : 'RTCP of calls: what reached us';
}

function wayText({ direction }: PackDirection): string {
  return direction === 'forward' ? 'leaving us' : 'coming to us';
}
