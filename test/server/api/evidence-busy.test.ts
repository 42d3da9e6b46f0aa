import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../server/store/database-store.ts';
import { openVerdict } from '../evidence/evidence-fixture.ts';
import { ask, hubConfig, hubFor, metricOf, TOKENS, temporaryFolder } from '../hub-fixture.ts';

it('more packs at once than may wait are answered 503 with a time to come back at, and the others are made', async () => {
  const dataDir = temporaryFolder();
  const store = await openStore({ file: join(dataDir, 'hub.sqlite3'), clock: { nowEpochMs: () => Date.now() } });
  const verdict = { ...openVerdict(), clearedAtMs: openVerdict().updatedAtMs };
  await store.verdicts.save({
    verdictId: verdict.verdictId,
    latest: JSON.parse(JSON.stringify(verdict)),
    openedAtEpochMs: verdict.openedAtMs,
    updatedAtEpochMs: verdict.updatedAtMs,
    clearedAtEpochMs: verdict.clearedAtMs,
  });
  await store.close();
  const { url } = await hubFor(hubConfig(dataDir));
  const path = `/api/v1/verdicts/${verdict.verdictId}/evidence.json`;
  const headers = { authorization: `Bearer ${TOKENS.watcher}` };
  const answers = await Promise.all(Array.from({ length: 12 }, () => fetch(`${url}${path}`, { headers })));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(statuses.length).toBe(12);
  expect(refused.every((answer) => answer.headers.get('retry-after') === '5')).toBe(true);
  expect(await refused[0]?.json()).toMatchObject({ code: 'PACKS_BUSY' });
  const made = answers.find(({ status }) => status === 200);
  expect(await made?.json()).toMatchObject({ verdict: { verdictId: verdict.verdictId } });
  expect((await ask(url, path, 'watcher')).status).toBe(200);
  expect(await metricOf(url, 'trunkward_evidence_packs_total{kind="masked"}')).toBeGreaterThanOrEqual(5);
});
