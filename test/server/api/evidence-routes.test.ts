import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import type { EvidencePack } from '../../../server/evidence/evidence-pack.ts';
import { verifyPack } from '../../../server/evidence/verify-pack.ts';
import { eventFrame } from '../../support/probe-frames.ts';
import { ask, freshHub, hubConfig, hubFor, journalOf, metricOf, ProbeSocket, rowsOnDisk } from '../hub-fixture.ts';
import { lossySecond } from '../lossy-second.ts';
import { until } from '../store/store-fixture.ts';

const PROVIDERS = [
  { provider: 'telco-a', timeZone: 'America/New_York', trunks: [{ trunk: 'a', edges: ['a1'] }] },
  { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }] },
];

/** A hub with a named verdict on telco-a, seen by both PBXs, and what the two told besides. */
async function hubWithVerdict() {
  const { dataDir, hub, url } = await freshHub({ providers: PROVIDERS });
  const fra = await ProbeSocket.greet(url, 'fra-1');
  const ams = await ProbeSocket.greet(url, 'ams-1');
  let at = 0;
  const named = async () => {
    lossySecond(fra, 'ams-1', at);
    lossySecond(ams, 'fra-1', at);
    at += 1;
    expect([fra.closeReason, ams.closeReason]).toEqual(['', '']);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { items } = (await ask(url, '/api/v1/verdicts', 'watcher')).json;
    return items.some(
      ({ certainty, place }: Record<string, unknown>) => certainty === 'named' && place === 'provider telco-a',
    );
  };
  await until(named, 18_000);
  await until(() => rowsOnDisk(dataDir, 'SELECT id FROM verdict_contexts').length > 0);
  const [{ verdictId }] = (await ask(url, '/api/v1/verdicts', 'watcher')).json.items;
  return { dataDir, hub, url, fra, verdictId: String(verdictId) };
}

/** A note of the probe that holds what it should not. */
function noteFrame(text: string, sequence = 1) {
  return eventFrame({ sequence, occurredAtEpochMs: Date.now(), body: { kind: 'probe-note', code: 'note', text } });
}

const pathOf = (verdictId: string, ending: string) => `/api/v1/verdicts/${verdictId}/evidence.${ending}`;

describe('the evidence pack of a verdict', () => {
  it('holds counts with intervals, a control group and calls without numbers, and is verified by its own manifest', async () => {
    const { url, verdictId, fra } = await hubWithVerdict();
    const nowMs = Date.now();
    const call = {
      kind: 'call-ended',
      trunk: 'a',
      edge: 'a1',
      startedAtEpochMs: nowMs - 9000,
      endedAtEpochMs: nowMs,
    } as const;
    fra.send(
      eventFrame({ body: { ...call, linkedId: '1773453900.41', uniqueId: 'to-491701234567-77', statusCode: 408 } }),
    );
    fra.send(noteFrame('sip:491701234567@pbx and +49 170 1234567', 2));
    await journalOf(url, 'probe-note');

    const { headers, status, text } = await ask(url, pathOf(verdictId, 'json'), 'watcher');
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
    });
    expect(headers.get('content-disposition')).toBe(`attachment; filename="evidence-${verdictId}.json"`);
    const pack = JSON.parse(text) as EvidencePack;
    const { digests, faults, figures } = verifyPack(pack, sha256Hex);
    expect({ faults, digests }).toEqual({ faults: [], digests: 12 });
    expect(figures).toBeGreaterThanOrEqual(8);
    expect(pack).toMatchObject({ format: 'trunkward-evidence-1', timeZone: 'America/New_York', numbers: 'masked' });
    expect(pack.verdict).toMatchObject({ place: 'provider telco-a', certainty: 'named', direction: 'unknown' });

    const look = pack.looks.at(-1);
    const inside = look?.paths.filter(({ role }) => role === 'inside').map(({ pathKey }) => pathKey);
    expect(inside?.toSorted()).toEqual(['ams-1>a.a1', 'fra-1>a.a1']);
    const control = look?.paths.filter(({ role }) => role === 'control') ?? [];
    expect(control).toHaveLength(4);
    expect(control.every(({ isClean, lost, sent }) => isClean && lost === 0 && sent > 0)).toBe(true);
    expect(look?.inside.lossRatio).toBeGreaterThan(0.3);

    expect(pack.calls).toMatchObject([
      { pbx: 'fra-1', trunk: 'a', linkedId: '1773453900.41', uniqueId: 'to-4917******67-77', statusCode: 408 },
    ]);
    expect(text).not.toContain('1701234567');
    expect(pack.timeline.find(({ kind }) => kind === 'probe-note')?.sentence).toContain('sip:4917******67@pbx');
    expect(pack.timeline.some(({ kind }) => kind === 'verdict-opened')).toBe(true);
    expect(pack.missing.join(' ')).toContain('still open');
  });

  it('says the same as HTML, CSV and archive, each of its type; the page may load and run nothing', async () => {
    const { url, verdictId } = await hubWithVerdict();
    const html = await ask(url, pathOf(verdictId, 'html'), 'watcher');
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; .*; sandbox$/,
    );
    expect(html.text).toContain('Packet loss at the provider telco-a');
    expect(html.text).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC-[45]/);
    const csv = await ask(url, pathOf(verdictId, 'csv'), 'watcher');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')[0]).toMatch(/^section,moment,path,role,/);
    const zip = await fetch(`${url}${pathOf(verdictId, 'zip')}`, {
      headers: { authorization: 'Bearer token-of-a-viewer-000000000' },
    });
    expect(zip.headers.get('content-type')).toBe('application/zip');
    expect(Buffer.from(await zip.arrayBuffer()).subarray(0, 4)).toEqual(Buffer.from('PK\u0003\u0004', 'latin1'));
  });

  it('can be made the morning after, by another life of the hub, and keeps its figures', async () => {
    const { dataDir, hub, url, verdictId } = await hubWithVerdict();
    const before = JSON.parse((await ask(url, pathOf(verdictId, 'json'), 'watcher')).text) as EvidencePack;
    await hub.close();
    expect(rowsOnDisk(dataDir, 'select count(*) as n from verdict_contexts')[0]?.['n']).toBeGreaterThan(0);
    const next = await hubFor(hubConfig(dataDir, { providers: PROVIDERS }));
    const after = JSON.parse((await ask(next.url, pathOf(verdictId, 'json'), 'watcher')).text) as EvidencePack;
    expect(verifyPack(after, sha256Hex).faults).toEqual([]);
    expect(after.looks[0]).toEqual(before.looks[0]);
    expect(after.timeline.some(({ kind }) => kind === 'hub-started')).toBe(true);
  });

  it('shows telephone numbers to an operator who asks for them, and to no viewer (rule 10)', async () => {
    const { url, verdictId, fra } = await hubWithVerdict();
    fra.send(noteFrame('called 491701234567'));
    await journalOf(url, 'probe-note');
    const full = `${pathOf(verdictId, 'json')}?numbers=full`;
    const refused = await ask(url, full, 'watcher');
    expect({ status: refused.status, code: refused.json.code }).toEqual({ status: 403, code: 'ROLE_TOO_LOW' });
    expect((await ask(url, full, 'night-shift')).text).toContain('called 491701234567');
    expect(await journalOf(url, 'evidence-taken')).toMatchObject([{ actor: 'night-shift', detail: { verdictId } }]);
    expect(await metricOf(url, 'trunkward_evidence_packs_total{kind="full"}')).toBe(1);
    expect((await ask(url, pathOf(verdictId, 'json'), 'night-shift')).text).toContain('called 4917******67');
    expect((await ask(url, `${pathOf(verdictId, 'json')}?numbers=all`, 'owner')).status).toBe(400);
  });

  it.each(['html', 'json', 'csv', 'zip'])('as %s needs a user, and a verdict that is known', async (ending) => {
    const { url } = await freshHub();
    for (const user of [undefined, 'fra-1'] as const) {
      expect((await ask(url, pathOf('none', ending), user)).status).toBe(401);
    }
    const { json, status } = await ask(url, pathOf('none', ending), 'watcher');
    expect({ status, code: json.code }).toEqual({ status: 404, code: 'UNKNOWN_VERDICT' });
  });
});
