import type { Counted, EvidencePack } from './evidence-pack.ts';
import { constantMarkup, type Markup, markup } from './markup.ts';
import { charts } from './page-charts.ts';
import { kindTable } from './page-kinds.ts';
import { beganAt, costTable } from './page-life.ts';
import { PAGE_STYLE } from './page-style.ts';
import {
  callTable,
  directionTables,
  lookTable,
  percent,
  plainTimes,
  table,
  times,
  traceTables,
  wholeTable,
} from './page-tables.ts';

/**
 * Policy of an evidence page: nothing is loaded, run, framed or sent; only its own style sheet counts, by its digest.
 *
 * @param styleDigest - SHA-256 of {@link PAGE_STYLE} in base64.
 */
export function pagePolicy(styleDigest: string): string {
  return `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'`;
}

/**
 * A pack as one page that stands alone: no script, no outside resource, every text of the pack escaped. On paper it is A4.
 *
 * @param styleDigest - SHA-256 of {@link PAGE_STYLE} in base64.
 */
export function evidenceHtml(pack: EvidencePack, styleDigest: string): string {
  const { softwareVersion, summary, timeZone, verdict } = pack;
  return `<!doctype html>\n${
    markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy(styleDigest)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${summary.headline}</title>
<style>${constantMarkup(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${summary.headline}</h1>
<p class="meta">Evidence of verdict ${verdict.verdictId}, made ${plainTimes(pack.madeAtEpochMs, timeZone)} by Trunkward ${softwareVersion}. Times are UTC${timeZone === undefined ? '' : `, and ${timeZone} where a second one stands`}.</p>
</header>
<section class="summary" aria-label="Summary">${paragraphs(summary.sentences)}</section>
<h2>The verdict</h2>${facts(pack)}
<h2>What it costs</h2>${costTable(pack)}
<h2>What happened</h2>${timeline(pack)}
<h2>Over time</h2>${charts(pack)}
<h2>Paths, and the control group</h2>${pack.looks.length === 0 ? markup`<p class="empty">No counts were kept.</p>` : pack.looks.map((look) => lookTable(look, timeZone))}
<h2>Other kinds of evidence</h2>${kindTable(pack.verdict.kinds)}
<h2>The whole time of the verdict</h2>${wholeTable(pack)}
<h2>Directions</h2>${directionTables(pack)}
<h2>Traces</h2>${traceTables(pack)}
<h2>Calls</h2>${callTable(pack)}
<h2>Method and limits</h2>${pack.method.map(({ text, title }) => markup`<h3>${title}</h3><p>${text}</p>`)}
<h2>What is not in here</h2>${list(pack.missing)}
<h2>Digests</h2>${manifest(pack)}
</body>
</html>`.text
  }\n`;
}

function facts({ timeZone, verdict }: EvidencePack): Markup {
  const { clearedAtEpochMs, firstLossAtEpochMs, openedAtEpochMs, runnerUp } = verdict;
  return table(
    'As the monitor says it itself',
    ['', ''],
    [
      row('Place', verdict.group.join(' or ')),
      row('Certainty', `${verdict.certainty}, posterior ${floored(verdict.posterior)}`),
      ...(runnerUp ? [row('Runner-up', `${runnerUp.place}, ${floored(runnerUp.posterior)}`)] : []),
      row('Symptom', verdict.symptom),
      row('Direction', verdict.direction),
      ...(verdict.towards ? [row('Media packets towards it', counted(verdict.towards))] : []),
      ...(verdict.from ? [row('Media packets from it', counted(verdict.from))] : []),
      row(
        'Witnesses',
        `${verdict.witnesses.join(', ')} (${verdict.siteCount} ${verdict.siteCount === 1 ? 'site' : 'sites'})`,
      ),
      ...(firstLossAtEpochMs === undefined ? [] : [row('First lossy minute', times(firstLossAtEpochMs, timeZone))]),
      row('Began', beganAt(verdict, timeZone)),
      row('Opened', times(openedAtEpochMs, timeZone)),
      row('Cleared', clearedAtEpochMs === undefined ? 'still open' : times(clearedAtEpochMs, timeZone)),
      ...(verdict.reopenings === undefined ? [] : [row('Reopened within a day', String(verdict.reopenings))]),
      ...(verdict.mergedInto === undefined ? [] : [row('Part of', verdict.mergedInto)]),
      ...(verdict.wouldSplit === undefined ? [] : [row('To tell them apart', verdict.wouldSplit)]),
      row('Sentence', verdict.sentence),
    ],
  );
}

function row(name: string, value: string | Markup): Markup {
  return markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
}

function counted({ highRatio, lossRatio, lost, lowRatio, sent }: Counted): string {
  return `${lost} of ${sent} lost, ${percent(lossRatio)} (${percent(lowRatio)} to ${percent(highRatio)})`;
}

function timeline({ timeline: events, timeZone }: EvidencePack): Markup {
  if (events.length === 0) return markup`<p class="empty">Nothing is in the journal.</p>`;
  const rows = events.map(
    ({ actor, atEpochMs, kind, sentence }) =>
      markup`<tr><td class="time">${times(atEpochMs, timeZone)}</td><td class="time">${kind}</td><td class="time">${actor}</td><td>${sentence}</td></tr>`,
  );
  return table('From the journal, which is never changed', ['Time', 'What', 'Who', 'In words'], rows);
}

function manifest({ manifest: entries }: EvidencePack): Markup {
  const rows = entries.map(
    ({ bytes, part, sha256 }) =>
      markup`<tr><th scope="row">${part}</th><td class="n">${bytes}</td><td class="digest">${sha256}</td></tr>`,
  );
  return markup`${table('SHA-256 of each part of the JSON file (compact JSON text) and of the CSV file', ['Part', 'Bytes', 'SHA-256'], rows)}
<p class="note">To check: <code>trunkward evidence --verify evidence.json</code> works every interval, sum and digest out anew.</p>`;
}

function paragraphs(sentences: readonly string[]): Markup {
  return markup`${sentences.map((sentence) => markup`<p>${sentence}</p>`)}`;
}

function list(sentences: readonly string[]): Markup {
  if (sentences.length === 0) return markup`<p>Nothing is known to be missing.</p>`;
  return markup`<ul>${sentences.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`;
}

/** Four places, rounded down, so that nothing below certainty reads as certain. */
function floored(value: number): string {
  return (Math.min(9999, Math.floor(value * 10_000 + 1e-7)) / 10_000).toFixed(4);
}
