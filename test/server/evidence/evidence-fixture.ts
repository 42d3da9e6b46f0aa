import { assemblePack } from '../../../server/evidence/assemble-pack.ts';
import { sha256Base64, sha256Hex } from '../../../server/evidence/digest-client.ts';
import type { EvidencePack } from '../../../server/evidence/evidence-pack.ts';
import type { KeptVerdict } from '../../../server/evidence/kept-verdict.ts';
import type { PackInput, Rollup } from '../../../server/evidence/pack-input.ts';
import { PAGE_STYLE } from '../../../server/evidence/page-style.ts';
import { sealPack } from '../../../server/evidence/seal-pack.ts';
import type { ContextPath, VerdictContext } from '../../../server/evidence/verdict-context.ts';

/** 2026-03-14T02:07:00Z, 03:07 in Berlin. */
export const OPENED = Date.UTC(2026, 2, 14, 2, 7);
export const MINUTE_MS = 60_000;

export const STYLE_DIGEST = sha256Base64(PAGE_STYLE);

/** A verdict that names telco-a over two paths, open for five minutes. */
export function kept(changes: Partial<KeptVerdict> = {}): KeptVerdict {
  return { ...openVerdict(), clearedAtMs: OPENED + 5 * MINUTE_MS, ...changes };
}

/** The same while it is open. */
export function openVerdict(changes: Partial<KeptVerdict> = {}): KeptVerdict {
  return {
    verdictId: 'loss-provider-telco-a-m1',
    symptom: 'loss',
    certainty: 'named',
    place: { kind: 'provider', provider: 'telco-a' } as KeptVerdict['place'],
    group: [{ kind: 'provider', provider: 'telco-a' } as KeptVerdict['place']],
    posterior: 0.9987,
    runnerUp: { place: { kind: 'site', site: 'fra' } as KeptVerdict['place'], posterior: 0.0009 },
    direction: 'unknown',
    witnesses: ['ams-1', 'fra-1'],
    siteCount: 2,
    windowMs: MINUTE_MS,
    evidence: [
      { pathKey: 'fra-1>a.a1', sent: 60, lost: 6 },
      { pathKey: 'ams-1>a.a1', sent: 60, lost: 7 },
    ],
    openedAtMs: OPENED,
    updatedAtMs: OPENED + 4 * MINUTE_MS,
    sentence: 'Provider telco-a: 11 % of 120 probes lost on 2 of 2 paths.',
    ...changes,
  };
}

/** A path to trunk `a` (of the place) or `b` (control). */
export function contextPath(pbx: string, trunk: string, sent: number, lost: number): ContextPath {
  const [site = ''] = pbx.split('-');
  return {
    pathKey: `${pbx}>${trunk}.${trunk}1`,
    role: trunk === 'a' ? 'inside' : 'control',
    pbx,
    site,
    target: `${trunk}.${trunk}1`,
    provider: `telco-${trunk}`,
    trunk,
    edge: `${trunk}1`,
    state: lost > 0 ? 'degraded' : 'healthy',
    sent,
    lost,
    rttN: sent - lost,
    rttP50Ms: 20,
    rttP95Ms: 31.5,
    icmpSent: 60,
    icmpLost: 0,
    icmpWindowMs: MINUTE_MS,
  };
}

export function context(lostAtA: number): VerdictContext {
  const paths = [
    contextPath('fra-1', 'a', 60, lostAtA),
    contextPath('ams-1', 'a', 60, lostAtA + 1),
    contextPath('fra-1', 'b', 60, 0),
    contextPath('ams-1', 'b', 60, 0),
  ];
  return {
    format: 'trunkward-context-1',
    windowMs: MINUTE_MS,
    paths,
    inside: { paths: 2, sent: 120, lost: 2 * lostAtA + 1 },
    outside: { paths: 2, sent: 120, lost: 0 },
  };
}

/** Minutes of all four paths from three minutes before the opening to four after it. */
export function minutes(): readonly Rollup[] {
  return ['fra-1>a.a1', 'ams-1>a.a1', 'fra-1>b.b1', 'ams-1>b.b1'].flatMap((pathKey) =>
    Array.from({ length: 8 }, (_, at): Rollup => {
      const isLossy = pathKey.includes('>a.') && at >= 1;
      return {
        pathKey,
        startEpochMs: OPENED + (at - 3) * MINUTE_MS,
        lengthMs: MINUTE_MS,
        sent: 60,
        lost: isLossy ? 4 + (at % 3) : 0,
        rttP50Ms: 20 + at / 3,
        rttP95Ms: 30 + at,
      };
    }),
  );
}

/** Everything that a store holds of the verdict of {@link kept}. */
export function packInput(changes: Partial<PackInput> = {}): PackInput {
  const contexts = [
    { atEpochMs: OPENED, context: context(5) },
    { atEpochMs: OPENED + 2 * MINUTE_MS, context: context(9) },
    { atEpochMs: OPENED + 5 * MINUTE_MS, context: context(0) },
  ];
  return {
    softwareVersion: '0.0.0-test',
    madeAtEpochMs: OPENED + 6 * 3_600_000,
    numbers: 'masked',
    timeZone: 'Europe/Berlin',
    verdict: kept(),
    snapshots: [
      openVerdict({ certainty: 'suspect', updatedAtMs: OPENED }),
      openVerdict({ updatedAtMs: OPENED + MINUTE_MS }),
    ],
    contexts,
    followedFrom: new Map(contexts[0]?.context.paths.map(({ pathKey }) => [pathKey, OPENED])),
    span: { fromEpochMs: OPENED - 1_800_000, minutesToEpochMs: OPENED + 1_200_000, toEpochMs: OPENED + 1_200_000 },
    rollups: minutes(),
    media: [],
    journal: [],
    isJournalCut: false,
    traces: [],
    calls: [],
    isCallsCut: false,
    kept: {
      minutesMs: 31 * 86_400_000,
      quartersMs: 90 * 86_400_000,
      journalMs: 400 * 86_400_000,
      eventsMs: 92 * 86_400_000,
    },
    ...changes,
  };
}

/** Media each way, a trace with a silent hop, and calls: what is there besides the paths. */
export function everythingElse(): Partial<PackInput> {
  const minute = (mediaKey: string, direction: 'forward' | 'reverse', lost: number) =>
    ({
      mediaKey,
      source: mediaKey.includes('peer') ? 'mesh' : 'calls',
      direction,
      startEpochMs: OPENED + MINUTE_MS,
      sent: 3000,
      lost,
      intervals: 12,
      lostSquares: (lost * lost) / 1500,
    }) as const;
  const hops = [
    { hop: 1, address: '192.0.2.1', sent: 30, lost: 0, bestMs: 0.4, averageMs: 0.5, worstMs: 0.9 },
    { hop: 2, sent: 0, lost: 0 },
    { hop: 3, address: '198.51.100.7', sent: 30, lost: 11, averageMs: 8.25 },
  ];
  const call = { pbx: 'fra-1', trunk: 'a', startedAtEpochMs: OPENED, endedAtEpochMs: OPENED + 61_500 };
  return {
    media: [
      minute('fra-1>a', 'forward', 300),
      minute('fra-1>a', 'reverse', 0),
      minute('fra-1>peer.ams-1', 'forward', 2),
    ],
    traces: [
      {
        pbx: 'fra-1',
        receivedAtEpochMs: OPENED + 40_000,
        body: { target: 'a.a1', hops },
        judgement: { kind: 'blamed', sentence: 'loss begins between hop 1 and hop 3' },
      },
    ],
    calls: [
      {
        ...call,
        linkedId: '1773453900.41',
        uniqueId: '1773453900.42',
        statusCode: 408,
        causeCode: 102,
        endedBy: 'this-side',
      },
      {
        ...call,
        edge: 'a1',
        class: 'national',
        linkedId: '1.1',
        uniqueId: '1.2',
        answeredAtEpochMs: OPENED + 1500,
        pddMs: 812.4,
      },
    ],
  };
}

/** The pack of {@link packInput}, sealed. */
export function pack(changes: Partial<PackInput> = {}): EvidencePack {
  return sealPack(assemblePack(packInput(changes)), sha256Hex);
}
