import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../../../server/paths/wilson.ts';
import { context, kept, MINUTE_MS, minutes, OPENED, openVerdict, pack } from './evidence-fixture.ts';

const provider = (name: string) => ({ kind: 'provider', provider: name }) as never;

describe('a pack', () => {
  it('looks at the opening, the worst and the latest moment, each once', () => {
    expect(pack().looks.map(({ atEpochMs, inside, moment }) => [moment, atEpochMs, inside.lost])).toEqual([
      ['opened', OPENED, 11],
      ['worst', OPENED + 2 * MINUTE_MS, 19],
      ['latest', OPENED + 5 * MINUTE_MS, 1],
    ]);
    expect(pack({ contexts: [{ atEpochMs: OPENED, context: context(5) }] }).looks).toHaveLength(1);
  });

  it('gives counts of single paths their Wilson interval, and says which are clean', () => {
    const [first, , control] = pack().looks[0]?.paths ?? [];
    expect(first).toMatchObject({
      sent: 60,
      lost: 5,
      lossRatio: 5 / 60,
      ...wilsonInterval({ sent: 60, lost: 5 }),
      isClean: false,
    });
    expect(control).toMatchObject({ role: 'control', sent: 60, lost: 0, lossRatio: 0, isClean: true });
  });

  it('sums up a path over the minutes that touch the verdict, and those of both paths together', () => {
    const made = pack();
    expect(made.series[0]?.whole).toMatchObject({ sent: 300, lost: 24 });
    expect(made.pooled.inside.map(({ sent, startEpochMs }) => [(startEpochMs - OPENED) / MINUTE_MS, sent])).toEqual([
      [0, 120],
      [1, 120],
      [2, 120],
      [3, 120],
      [4, 120],
    ]);
  });

  it('says nothing better or worse of the time before the paths were followed: there whole quarters speak', () => {
    const quarter = {
      startEpochMs: OPENED - 22 * MINUTE_MS,
      lengthMs: 900_000,
      sent: 900,
      lost: 9,
      rttP50Ms: 20,
      rttP95Ms: 30,
    };
    const rollups = [...minutes(), { ...quarter, pathKey: 'fra-1>a.a1' }];
    const made = pack({ rollups });
    expect(made.pooled.inside[0]).toMatchObject({ lengthMs: 900_000, sent: 900, lost: 9 });
    expect(made.pooled.inside[1]?.startEpochMs).toBe(OPENED);
  });

  it('finds the first lossy minute on record before the opening, over a short quiet and no long one', () => {
    expect(pack().verdict.firstLossAtEpochMs).toBe(OPENED - 2 * MINUTE_MS);
    const shifted = (byMinutes: number) => {
      const early = { ...minutes()[4], startEpochMs: OPENED - byMinutes * MINUTE_MS } as ReturnType<
        typeof minutes
      >[number];
      return pack({ rollups: [...minutes(), early] }).verdict.firstLossAtEpochMs;
    };
    expect(shifted(5)).toBe(OPENED - 5 * MINUTE_MS);
    expect(shifted(6)).toBe(OPENED - 2 * MINUTE_MS);
    expect(pack({ rollups: [] }).verdict.firstLossAtEpochMs).toBe(undefined);
  });

  it('tells in plain words what is accused, how sure, since when, and what it is not', () => {
    const { headline, sentences } = pack().summary;
    const text = sentences.join(' ');
    expect(headline).toBe(
      'Packet loss at the provider telco-a, since 2026-03-14 02:05:00 UTC (2026-03-14 03:05:00 UTC+1)',
    );
    expect(text).toContain('sent 120 test messages (SIP OPTIONS, one packet each) on 2 ways; 19 got no answer: 15.8 %');
    expect(text).toContain('The same servers reached other destinations without loss');
    expect(text).toContain('How sure: 99.87 %');
    expect(text).toContain('judged over at 2026-03-14 02:12:00 UTC');
    expect(text).toContain('Direction: unknown.');
    expect(text).toContain('What this is not');
    expect(text).not.toMatch(/posterior|hypothes|Wilson|verdict/);
  });

  it('accuses nobody of a suspicion, of a loss that is everywhere, or of a silence that calls do not share (rule 2)', () => {
    const suspect = pack({
      verdict: kept({
        certainty: 'suspect',
        sentence: 'Suspect provider telco-a: 3 %; not named because only site fra has evidence of its own.',
      }),
    });
    expect(suspect.summary.headline).toContain('(suspected)');
    expect(suspect.summary.sentences.join(' ')).toContain(
      'a suspicion and no accusation: 99.87 % for the provider telco-a, and only site fra has evidence',
    );
    expect(suspect.summary.sentences.join(' ')).not.toContain('We ask you');
    const none = { kind: 'none' } as never;
    expect(pack({ verdict: kept({ certainty: 'suspect', place: none, group: [none] }) }).summary.headline).toContain(
      'nobody is accused',
    );
    const blocked = pack({ verdict: kept({ symptom: 'probe-blocked' }) }).summary;
    expect(blocked.headline).toBe('No answer to test messages: the provider telco-a');
    expect(blocked.sentences.join(' ')).toContain('calls are not concerned');
    const unmeasurable = pack({ verdict: kept({ symptom: 'unmeasurable' }) }).summary;
    expect(unmeasurable.sentences.join(' ')).toContain('nothing is known of this way, good or bad');
  });

  it('names a group that cannot be told apart, and what would tell', () => {
    const made = pack({
      verdict: kept({
        certainty: 'ambiguous',
        group: [provider('telco-a'), { kind: 'path', pbx: 'fra-1', target: 'a.a1' } as never],
        wouldSplit: 'a probe at a second site',
      }),
    });
    expect(made.summary.headline).toContain(
      'the provider telco-a or the single way from our server fra-1 to a.a1 (one of these)',
    );
    expect(made.summary.sentences.join(' ')).toContain('To tell: a probe at a second site.');
    expect(made.verdict.group).toEqual(['provider telco-a', 'path fra-1 > a.a1']);
  });

  it('shows both directions where media were counted both ways, each with an interval as wide as its bursts', () => {
    const minute = (direction: 'forward' | 'reverse', at: number, lost: number) =>
      ({
        mediaKey: 'fra-1>a',
        source: 'calls',
        direction,
        startEpochMs: OPENED + at * MINUTE_MS,
        sent: 3000,
        lost,
        intervals: 12,
        lostSquares: (lost * lost) / 1500,
      }) as const;
    const made = pack({ media: [0, 1, 2].flatMap((at) => [minute('forward', at, 300), minute('reverse', at, 0)]) });
    expect(made.directions.map(({ direction, lost, role, sent }) => [direction, role, sent, lost])).toEqual([
      ['forward', 'inside', 9000, 900],
      ['reverse', 'inside', 9000, 0],
    ]);
    const [forward] = made.directions;
    const plain = wilsonInterval({ sent: 9000, lost: 900 });
    expect(forward?.lowRatio).toBeLessThan(plain.lowRatio);
    expect(forward?.highRatio).toBeGreaterThan(plain.highRatio);
    expect(made.missing.join(' ')).not.toContain('direction unknown');
  });

  it('says which way packets are lost where the verdict knows it, with its counts', () => {
    const way = (lost: number) => ({ sent: 6000, lost, lowRatio: lost === 0 ? 0 : 0.09, highRatio: 0.11 });
    const verdict = kept({ direction: 'towards', directionEvidence: { towards: way(600), from: way(0) } });
    const made = pack({ verdict });
    expect(made.verdict).toMatchObject({
      direction: 'towards',
      towards: { lost: 600, lossRatio: 0.1 },
      from: { lost: 0 },
    });
    const text = made.summary.sentences.join(' ');
    expect(text).toContain('lost on the way towards the provider telco-a.');
    expect(text).toContain(
      '600 of 6000 media packets were lost, 10.0 % (with 95 % confidence between 9.0 % and 11.0 %)',
    );
  });

  it('tells a change of certainty and the lines of the journal that concern it, in order of time', () => {
    const line = (kind: string, atMs: number, parts: object) => ({
      atEpochMs: atMs,
      kind,
      actor: 'hub',
      sentence: kind,
      scope: {},
      detail: undefined,
      ...parts,
    });
    const made = pack({
      journal: [
        line('verdict-opened', OPENED, { scope: { provider: 'telco-a' }, detail: { verdictId: kept().verdictId } }),
        line('verdict-opened', OPENED + 1, { scope: { provider: 'telco-a' }, detail: { verdictId: 'another' } }),
        line('flip', OPENED + 2000, { scope: { pbx: 'fra-1', trunk: 'a' } }),
        line('plan-applied', OPENED + 2500, { scope: { pbx: 'fra-1' } }),
        line('flip', OPENED + 3000, { scope: { pbx: 'lon-1', trunk: 'c' } }),
      ],
    });
    expect(made.timeline.map(({ kind }) => kind)).toEqual(['first-loss', 'verdict-opened', 'flip', 'judged']);
    expect(made.timeline.at(-1)?.sentence).toContain('from suspect provider telco-a to named provider telco-a');
  });

  it.each([
    ['no context was kept', { contexts: [], followedFrom: new Map() }, 'No counts of single paths were kept'],
    ['no rollups were kept', { rollups: [] }, 'No figures over time were kept'],
    ['the verdict is open', { verdict: openVerdict() }, 'The verdict is still open'],
    ['minutes are past their retention', { madeAtEpochMs: OPENED + 40 * 86_400_000 }, 'kept for 31 days and are gone'],
    ['events are past theirs', { madeAtEpochMs: OPENED + 100 * 86_400_000 }, 'they are kept for 92 days and are gone'],
    [
      'the hub was away',
      { rollups: minutes().filter(({ startEpochMs }) => startEpochMs < OPENED + 2 * MINUTE_MS) },
      '3 of the 5 whole minutes of the verdict have no figures',
    ],
    ['the journal is cut', { isJournalCut: true }, 'longer than is read here'],
    ['nothing went one way', {}, 'direction unknown'],
  ] as const)('says so where %s', (_, changes, sentence) => {
    expect(pack(changes).missing.join(' ')).toContain(sentence);
  });

  it('with nothing but the verdict itself still stands, and holds no figure', () => {
    const made = pack({ contexts: [], followedFrom: new Map(), rollups: [], snapshots: [] });
    expect(made).toMatchObject({ looks: [], series: [], pooled: { inside: [], control: [] }, directions: [] });
    expect(made.verdict.place).toBe('provider telco-a');
  });
});
