import type { LivePath, LiveSnapshot } from '../../../wire/live.ts';
import { down, entry, FLEET_EPOCH_MS, path, pbx, route, snapshot, verdict } from './fleet.ts';

const PBXES = ['fra-1', 'fra-2', 'ams-1', 'lon-1'] as const;
const TARGETS = [
  ['a.a1', 'telco-a'],
  ['a.a2', 'telco-a'],
  ['b.b1', 'telco-b'],
  ['c.c1', 'telco-c'],
  ['c.c2', 'telco-c'],
] as const;
const ORDER = ['a', 'b', 'c'];
const AWAY = [
  { trunk: 'b', weight: 100 },
  { trunk: 'c', weight: 0 },
  { trunk: 'a', weight: 0 },
];
const MOVED = {
  planned: AWAY,
  readBack: '2:7.42:b/100,c/0,a/0',
  version: 42,
  reason: 'trunk a last: verdict names provider telco-a at 99.3 %, runner-up site fra at 0.4 %',
  changedAtEpochMs: FLEET_EPOCH_MS - 189_000,
  trunks: [
    { trunk: 'b', tier: 'fit', reason: 'healthy from this PBX, 0 of 60 lost' },
    { trunk: 'c', tier: 'fit', reason: 'healthy, second by configured order' },
    { trunk: 'a', tier: 'last', reason: 'hard-down since 02:43:56; provider telco-a named at 99.3 %' },
  ],
};

/**
 * A bad night: provider telco-a answers nobody. Routes on fra have moved, ams-1 is ordered to, lon-1 observes and only
 * proposes; besides, lon-1 loses some to telco-c, one edge blocks probes, one peer was never measured.
 */
export function badNight(): LiveSnapshot {
  const rtts = { fra: 8.4, ams: 11.9, lon: 17.2 } as const;
  const trunkPaths = PBXES.flatMap((name, row) =>
    TARGETS.map(([target, provider], column) => {
      const rttP50Ms = rtts[name.slice(0, 3) as keyof typeof rtts] + row * 0.3 + column * 2.1;
      const steady = { rttP50Ms, rttP95Ms: rttP50Ms * 1.3 };
      return path(name, target, provider, { ...steady, ...troubleOf(name, target) });
    }),
  );
  const peerPaths = PBXES.flatMap((name) =>
    PBXES.filter((other) => other !== name).map((other) =>
      path(name, `peer.${other}`, undefined, peerTrouble(name, other)),
    ),
  );
  return snapshot({
    pbxes: [
      pbx('fra-1'),
      pbx('fra-2', { eventLoopDelayP99Ms: 2.4 }),
      pbx('ams-1', { clockOffsetMs: 12.8 }),
      pbx('lon-1', {
        isSick: true,
        eventLoopDelayP99Ms: 184,
        sinceEpochMs: FLEET_EPOCH_MS - 70_000,
        droppedMeasurements: 1240,
      }),
    ],
    paths: [...trunkPaths, ...peerPaths],
    verdicts: [
      verdict({
        sinceEpochMs: FLEET_EPOCH_MS - 201_000,
        sinceLowEpochMs: FLEET_EPOCH_MS - 204_000,
        sinceHighEpochMs: FLEET_EPOCH_MS - 200_000,
        reopenings: 2,
        kinds: [
          { kind: 'icmp', sent: 540, lost: 61, sentOutside: 1080, lostOutside: 2, isLossy: true },
          { kind: 'rtcp', sent: 91_000, lost: 8200, sentOutside: 40_000, lostOutside: 31, isLossy: true },
        ],
        cost: {
          fromEpochMs: FLEET_EPOCH_MS - 201_000,
          pbxes: 3,
          sites: 2,
          classes: [
            { class: 'international', attempted: 0, failed: 0 },
            { class: 'national', attempted: 212, failed: 31 },
          ],
          calls: {
            attempted: 212,
            answered: 144,
            failed: 31,
            failedBy: [
              { by: '503', calls: 22 },
              { by: '408', calls: 9 },
            ],
            givenUp: 6,
            short: 12,
            unknown: 0,
          },
          media: { calls: 140, bad: 88 },
          blindPbxes: [],
          sentence:
            'Touched: 3 PBXs at 2 sites; classes international, national. Of 212 calls that ended there meanwhile 31 failed.',
        },
      }),
      verdict({
        verdictId: 'v-2026-03-14-0008',
        certainty: 'ambiguous',
        place: 'path lon-1 > c.c2',
        group: ['path lon-1 > c.c2', 'site lon'],
        posterior: 0.968,
        runnerUp: { place: 'provider telco-c', posterior: 0.019 },
        witnesses: ['lon-1'],
        sentence: 'lon-1 loses 7 of 60 to c.c2; with one PBX at site lon, its site cannot be told from the path.',
        wouldSplit: 'a second PBX at site lon that probes c.c2',
        sinceHighEpochMs: FLEET_EPOCH_MS - 340_000,
        openedAtEpochMs: FLEET_EPOCH_MS - 48_000,
      }),
      verdict({
        verdictId: 'v-2026-03-13-0006',
        place: 'site ams',
        openedAtEpochMs: FLEET_EPOCH_MS - 4_000_000,
        clearedAtEpochMs: FLEET_EPOCH_MS - 520_000,
      }),
    ],
    routes: PBXES.flatMap((name) => [
      route(name, 'national', ORDER, routeTrouble(name)),
      route(name, 'mobile', ORDER, routeTrouble(name)),
      route(name, 'international', ['c', 'b']),
    ]),
    journal: [
      entry(88, 48, 'verdict-opened', 'hub', 'Ambiguous: path lon-1 > c.c2 or site lon (96.8 % together)'),
      entry(
        87,
        187,
        'route-applied',
        'probe fra-2',
        'mobile on fra-2 reads b/100,c/0,a/0 in AstDB, as planned in 7.42',
      ),
      entry(
        86,
        188,
        'route-applied',
        'probe fra-1',
        'national on fra-1 reads b/100,c/0,a/0 in AstDB, as planned in 7.42',
      ),
      entry(
        85,
        189,
        'route-planned',
        'hub',
        'Plan 7.42: first trunk b instead of a for national and mobile on fra-1, fra-2, ams-1',
      ),
      entry(
        84,
        189,
        'route-proposed',
        'hub',
        'lon-1 observes: would put b first for national and mobile; nothing changed',
      ),
      entry(83, 191, 'verdict-opened', 'hub', 'Named: provider telco-a (99.3 %), runner-up site fra (0.4 %)'),
      entry(82, 520, 'verdict-cleared', 'hub', 'Site ams: loss back below 1 % for 5 minutes'),
      entry(81, 7200, 'mode-changed', 'token ops-night', 'Routing enforced for site fra and ams'),
    ],
  });
}

function troubleOf(name: string, target: string): Partial<LivePath> {
  if (target.startsWith('a.')) return down(name === 'lon-1' ? 41 : 60);
  if (name === 'lon-1' && target === 'c.c2') {
    return {
      state: 'degraded',
      sinceEpochMs: FLEET_EPOCH_MS - 50_000,
      reason: '7 of 60 lost: above 3 % by the sequential test',
      lost: 7,
      lossLowRatio: 0.058,
      lossHighRatio: 0.222,
      rttN: 53,
      isAbstaining: true,
    };
  }
  if (name === 'ams-1' && target === 'c.c2') {
    return { state: 'probe-blocked', reason: 'silent to OPTIONS, but 14 calls were answered by it', lost: 60, rttN: 0 };
  }
  return {};
}

function peerTrouble(name: string, other: string): Partial<LivePath> {
  if (other === 'lon-1' && name === 'fra-2') {
    return { state: 'unmeasurable', reason: 'never answered an OPTIONS', lost: 60, rttN: 0, lossHighRatio: 1 };
  }
  if (other === 'lon-1') {
    return { state: 'unknown', reason: 'no sample for 70 s', sent: 0, rttN: 0, icmpSent: 0, lossHighRatio: 1 };
  }
  return { rttP50Ms: 6.2, rttP95Ms: 7.1 };
}

function routeTrouble(name: string): Parameters<typeof route>[3] {
  if (name === 'lon-1') return { ...MOVED, mode: 'observe', isApplied: false, readBack: '2:7.41:a/100,b/0,c/0' };
  if (name === 'ams-1') return { ...MOVED, isApplied: false, readBack: '2:7.41:a/100,b/0,c/0' };
  return MOVED;
}
