import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask, freshHub, greeting, ProbeSocket, TOKENS } from './hub-fixture.ts';

const LISTS = ['paths', 'verdicts', 'routes', 'assignments', 'assignments/mesh', 'sites', 'journal', 'modes', 'calls'];

it('the key of a mesh session goes to its two probes and nowhere else: no API, metric, journal or disk has it (rule 10)', async () => {
  const { hub, url, dataDir } = await freshHub();
  const open = async (pbx: 'fra-1' | 'ams-1', peer: string) => {
    const probe = await ProbeSocket.open(url, TOKENS[pbx]);
    const abilities = { meshPeers: [peer], testCallTargets: [], canTrace: false };
    const targets = [{ target: `peer.${peer}`, kind: 'peer', peer }] as const;
    probe.send(greeting(pbx, { abilities, targets: [...targets] }));
    await probe.next('welcome');
    return probe;
  };
  const fra = await open('fra-1', 'ams-1');
  const ams = await open('ams-1', 'fra-1');
  const [one, other] = await Promise.all(
    [fra, ams].map(async (probe) => (await probe.next('assignment', ({ mesh }) => mesh.length > 0)).mesh),
  );
  const keys = [...(one ?? []), ...(other ?? [])].map(({ key }) => key);
  expect(new Set(one?.map(({ key }) => key))).toEqual(new Set(other?.map(({ key }) => key)));
  expect(keys.length).toBeGreaterThan(1);

  const answers = await Promise.all([
    ...LISTS.map((list) => ask(url, `/api/v1/${list}`, 'owner')),
    ask(url, '/api/v1/figures?key=fra-1%3Epeer.ams-1', 'owner'),
    ask(url, '/metrics'),
  ]);
  const shown = answers.map(({ text }) => text).join('\n');
  expect(shown).toContain('fra-1');
  await hub.close();
  const stored = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
  expect(stored).toContain('fra-1');
  for (const key of keys) expect(shown.includes(key) || stored.includes(key)).toBe(false);
});
