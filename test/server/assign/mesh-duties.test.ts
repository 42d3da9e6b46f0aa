import { beforeEach, describe, expect, test } from 'vitest';
import type { AssignPbx } from '../../../server/assign/asked-edge.ts';
import type { MeshNote } from '../../../server/assign/mesh-changes.ts';
import { MeshDuties } from '../../../server/assign/mesh-duties.ts';
import type { MeshPolicy } from '../../../server/assign/mesh-policy.ts';
import { readHubConfig } from '../../../server/config.ts';
import { fleet, idle, report, supply, without } from './mesh-fleet.ts';

const TWO_SITES = fleet({ ams: 3, fra: 3 });

/** The defaults of the schema, as an operator gets them who writes nothing. */
function defaults(changes: Partial<MeshPolicy> = {}): MeshPolicy {
  const token = { env: 'TOKEN' };
  const read = readHubConfig({
    dataDir: '/tmp/nowhere',
    sites: [{ site: 'fra' }],
    pbxes: [{ pbx: 'fra-1', site: 'fra', probe: 'p', token }],
    providers: [{ provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }] }],
    classes: [{ class: 'national', trunks: ['a'] }],
    mesh: changes,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.config.mesh;
}

describe('the duties of the mesh', () => {
  let notes: MeshNote[];
  const started = (changes: Partial<MeshPolicy> = {}): MeshDuties => {
    notes = [];
    return new MeshDuties({ policy: defaults(changes), supply: supply(), onNote: (note) => notes.push(note) });
  };
  const sessions = (mesh: MeshDuties, pbxes: readonly AssignPbx[], atMs: number) =>
    new Set([...mesh.duties(pbxes, atMs).values()].flat().map(({ session }) => session));
  const senderOf = (mesh: MeshDuties, pbxes: readonly AssignPbx[], session: string): string => {
    const found = [...mesh.duties(pbxes, 0)].find(([, own]) =>
      own.some((duty) => duty.session === session && duty.role === 'sender'),
    );
    return found?.[0] ?? '';
  };
  const sentences = () => notes.splice(0).map(({ sentence }) => sentence);

  beforeEach(() => {
    notes = [];
  });

  test('go to both ends with one session and key, and stay the same lists while nothing changes', () => {
    const pbxes = fleet({ ams: 1, fra: 1 });
    const mesh = started();
    const duties = mesh.duties(pbxes, 0);
    const [ams] = duties.get('ams-1') ?? [];
    const [fra] = duties.get('fra-1') ?? [];
    expect(new Set([ams?.role, fra?.role])).toEqual(new Set(['reflector', 'sender']));
    expect(ams).toMatchObject({ session: fra?.session, key: fra?.key, peer: 'fra-1' });
    expect(ams).toMatchObject({ packetMs: 20, payloadBytes: 160, onMs: 10_000, offMs: 20_000 });
    expect(mesh.duties(pbxes, 1000).get('ams-1')).toBe(duties.get('ams-1'));
    expect(notes).toHaveLength(1);
  });

  test('have the pace of the file of the hub, at the size that G.711 has then; switched off there are none', () => {
    const mesh = started({ packetMs: 30, onMs: 5000, offMs: 0 });
    const [duty] = mesh.duties(fleet({ ams: 1, fra: 1 }), 0).get('ams-1') ?? [];
    expect(duty).toMatchObject({ packetMs: 30, payloadBytes: 240, onMs: 5000, offMs: 0 });
    const off = started({ isEnabled: false });
    expect(off.duties(TWO_SITES, 0).size).toBe(0);
    expect(off.absence('ams-1', 'fra-1')).toBe("the RTP mesh is off in the hub's file");
    expect(notes).toEqual([]);
  });

  test('give up a pair that loses while the pair beside it does not, say so, and keep both where both lose', () => {
    const own = started();
    const before = sessions(own, TWO_SITES, 0);
    sentences();
    const [one, other] = ['session-1', 'session-2'].map((session) => senderOf(own, TWO_SITES, session));
    own.measured(one ?? '', [report('session-1', 50)], 1000);
    own.measured(other ?? '', [report('session-2', 1)], 1000);
    expect(sessions(own, TWO_SITES, 2000)).toEqual(new Set(['session-2', 'session-3']));
    expect(before).toEqual(new Set(['session-1', 'session-2']));
    const said = sentences();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^(\w+-\d to \w+-\d) lost 5\.0 % while \S+ to \S+ beside it lost 0\.1 %: a PBX is in question, not the line: between ams and fra \1 is given up, \S+ to \S+ takes its place$/,
    );
    const line = started();
    sessions(line, TWO_SITES, 0);
    line.measured(one ?? '', [report('session-1', 50)], 1000);
    line.measured(other ?? '', [report('session-2', 50)], 1000);
    expect(sessions(line, TWO_SITES, 2000)).toEqual(new Set(['session-1', 'session-2']));
  });

  test('keep the pair that loses where there is no other, without a word', () => {
    const pbxes = fleet({ ams: 2, fra: 2 });
    const mesh = started();
    mesh.duties(pbxes, 0);
    sentences();
    for (const [session, lost] of [
      ['session-1', 50],
      ['session-2', 1],
    ] as const) {
      mesh.measured(senderOf(mesh, pbxes, session), [report(session, lost)], 1000);
    }
    expect([...mesh.duties(pbxes, 2000).values()].flat()).toHaveLength(4);
    expect(sentences()).toEqual([]);
  });

  test('are compared over two minutes, and over as long as 2,000 packets take where the duty cycle sends less', () => {
    const isKept = (changes: Partial<MeshPolicy>, gapMs: number) => {
      const mesh = started(changes);
      sessions(mesh, TWO_SITES, 0);
      mesh.measured(senderOf(mesh, TWO_SITES, 'session-1'), [report('session-1', 50)], 1000);
      mesh.measured(senderOf(mesh, TWO_SITES, 'session-2'), [report('session-2', 1)], 1000 + gapMs);
      return sessions(mesh, TWO_SITES, 1000 + gapMs).has('session-1');
    };
    expect(isKept({}, 120_000)).toBe(false);
    expect(isKept({}, 120_001)).toBe(true);
    expect(isKept({ onMs: 1000, offMs: 59_000 }, 2_400_000)).toBe(false);
    expect(isKept({ onMs: 1000, offMs: 59_000 }, 2_400_001)).toBe(true);
  });

  test('are moved by no report but that of the sender itself', () => {
    const mesh = started();
    mesh.duties(TWO_SITES, 0);
    mesh.measured('stranger', [report('session-1', 900), report('session-2', 0), report('session-9', 900)], 1000);
    expect(sessions(mesh, TWO_SITES, 2000)).toEqual(new Set(['session-1', 'session-2']));
    expect(mesh.views(2000).every(({ reportedAtEpochMs }) => reportedAtEpochMs === undefined)).toBe(true);
  });

  test('say what is elected at first, then the loss of a probe once, and who takes its place', () => {
    const mesh = started();
    const first = mesh.duties(TWO_SITES, 0);
    expect(sentences()[0]).toMatch(
      /^from now on RTP is exchanged: between ams and fra \S+ to \S+; between ams and fra \S+ to \S+$/,
    );
    const [gone = ''] = first.keys();
    mesh.duties(without(TWO_SITES, gone), 60_000);
    const lost = notes.map(({ cause, given, sentence }) => ({ cause, given, sentence }));
    expect(lost).toMatchObject([{ cause: 'unheard', given: 1 }]);
    expect(lost[0]?.sentence).toMatch(
      new RegExp(
        `^no probe of ${gone} has been heard for 15 s: between ams and fra \\S+ to \\S+ is given up, \\S+ to \\S+ takes its place$`,
      ),
    );
    sentences();
    mesh.duties(without(TWO_SITES, gone), 61_000);
    mesh.duties(TWO_SITES, 62_000);
    expect(sentences()).toEqual([]);
  });

  test('say that no other pair is there, and why a sick or unnamed one was given up', () => {
    const pair = fleet({ ams: 1, fra: 1 });
    const sick = started();
    sick.duties(pair, 0);
    sick.duties(without(pair, 'fra-1', 'sick'), 1000);
    expect(sentences()[1]).toMatch(
      /^the instrument of the probe of fra-1 has been sick for 15 s: .* is given up, no other pair can take its place$/,
    );
    const unnamed = started();
    unnamed.duties(pair, 0);
    unnamed.duties(
      pair.map((each) => (each.pbx === 'fra-1' ? { ...each, meshPeers: [] } : each)),
      1000,
    );
    expect(sentences()[1]).toMatch(
      /^the probe of fra-1 does not name ams-1 any more as a peer that it exchanges RTP with: /,
    );
  });

  test('say the loss of a probe that is in many pairs in one line of bounded length', () => {
    const sizes = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`site${at}`, 1]));
    const pbxes = fleet(sizes);
    const mesh = started();
    mesh.duties(pbxes, 0);
    sentences();
    mesh.duties(without(pbxes, 'site7-1'), 1000);
    expect(notes).toMatchObject([{ cause: 'unheard', given: 39 }]);
    expect(notes[0]?.sentence).toMatch(/; and 33 more$/);
    expect(notes[0]?.sentence.length).toBeLessThanOrEqual(1000);
  });

  test('show each stream with its ends, its pace, and what was last heard of it', () => {
    const pbxes = fleet({ ams: 1, fra: 1 });
    const mesh = started();
    mesh.duties(pbxes, 1000);
    const [elected] = mesh.views(2000);
    if (!elected) throw new Error('nothing elected');
    expect(elected).toMatchObject({ electedAtEpochMs: 1000, state: 'unheard', packetMs: 20, onMs: 10_000 });
    expect([elected.senderSite, elected.reflectorSite].toSorted()).toEqual(['ams', 'fra']);
    expect(JSON.stringify(elected)).not.toContain('kkkk');
    mesh.measured(elected.sender, [idle('session-1', 'live-calls')], 5000);
    expect(mesh.views(6000)[0]).toMatchObject({ state: 'idle', idle: { because: 'live-calls', atEpochMs: 5000 } });
    mesh.measured(elected.sender, [report('session-1', 0)], 9000);
    expect(mesh.views(9000)[0]).toMatchObject({ state: 'measuring', reportedAtEpochMs: 9000 });
    expect(mesh.views(9000 + 90_001)[0]).toMatchObject({ state: 'unheard' });
  });

  test('tell of every pair that is not measured why it is not', () => {
    const mesh = started();
    const pbxes = fleet({ ams: 3, fra: 2 }).filter(({ pbx }) => pbx !== 'ams-3');
    const mute: AssignPbx = {
      pbx: 'ams-3',
      site: 'ams',
      targets: [],
      condition: 'able',
      testCallTargets: [],
      meshPeers: [],
    };
    mesh.duties([...pbxes, mute], 0);
    const [one] = mesh.views(0);
    if (!one) throw new Error('nothing elected');
    const { reflector, sender } = one;
    expect(mesh.absence(sender, reflector)).toBe('this pair is elected, and its first report has not come yet');
    expect(mesh.absence(reflector, sender)).toBe(
      `${sender} sends and ${reflector} sends back: the figures of both ways are those of ${sender} to ${reflector}`,
    );
    mesh.measured(sender, [report('session-1', 0), report('session-2', 0)], 1);
    expect(mesh.absence(sender, reflector)).toBeUndefined();
    const across = mesh.views(1).map((each) => (each.senderSite === 'ams' ? each.sender : each.reflector));
    const far = mesh.views(1).map((each) => (each.senderSite === 'ams' ? each.reflector : each.sender));
    expect(mesh.absence(across[0] ?? '', far[1] ?? '')).toMatch(
      /^no pair of its own: between ams and fra RTP goes from \S+ to \S+ and \S+ to \S+$/,
    );
    expect(mesh.absence('ams-1', 'ams-2')).toContain('of the same site');
    expect(mesh.absence('ams-1', 'nobody')).toBe('no probe of nobody is heard');
    expect(mesh.absence('fra-1', 'ams-3')).toMatch(/^the probe of ams-3 exchanges no RTP with fra-1: /);
    mesh.duties([...without(pbxes, 'fra-2', 'sick'), mute], 1000);
    expect(mesh.absence('ams-1', 'fra-2')).toBe('the instrument of the probe of fra-2 is sick');
  });
});
