import { describe, expect, it } from 'vitest';
import type { KeptVerdict } from '../../../server/evidence/kept-verdict.ts';
import { kept, pack } from './evidence-fixture.ts';

const SLOW = {
  pathKey: 'fra-1>a.a1',
  what: 'options-rtt',
  unit: 'milliseconds',
  direction: 'round-trip',
  usual: 21.04,
  now: 52.1,
  low: 50.3,
  high: 55,
  n: 20,
  isShifted: true,
} as const;
const MOS = {
  ...SLOW,
  what: 'mos',
  unit: 'mos',
  direction: 'reverse',
  codec: 'alaw',
  usual: 4.4,
  now: 3.6,
  low: 3.5,
  high: 3.72,
};

const summaryOf = (changes: Partial<KeptVerdict>) => pack({ verdict: kept(changes) }).summary;

describe('the summary of a verdict on latency or media', () => {
  it('says how slow each way is against itself as it usually is, and nothing of loss', () => {
    const { headline, sentences } = summaryOf({
      symptom: 'latency',
      shifts: [SLOW, { ...SLOW, pathKey: 'ams-1>a.a1', what: 'icmp-rtt', isShifted: false }],
    });
    expect(headline).toMatch(/^Slow answers at the provider telco-a, since 2026-03-14 /);
    expect(sentences.slice(0, 2)).toEqual([
      'Every way is compared with itself, as it usually is; 1 way is worse than usual beyond what chance explains.',
      'Between fra-1 and a.a1 a test message (SIP OPTIONS) and its answer took 52.1 ms (median of 20, 95 % between 50.3 ms and 55.0 ms); usually 21.0 ms.',
    ]);
    expect(sentences.join(' ')).toContain('How sure: 99.87 %');
    expect(sentences.join(' ')).not.toMatch(/posterior|hypothes|lost|got no answer/);
  });

  it('says which way speech is worse, in which codec, on the scale of MOS', () => {
    const { headline, sentences } = summaryOf({ symptom: 'media', direction: 'from', shifts: [MOS] });
    expect(headline).toContain('Poor speech quality at the provider telco-a');
    expect(sentences).toContain(
      'From a.a1 to fra-1 (codec alaw) reckoned speech quality (MOS) was 3.60 (median of 20, 95 % between 3.50 and 3.72); usually 4.40.',
    );
    expect(sentences).toContain(
      'Direction: on the way from the provider telco-a, as told by what is measured one way.',
    );
  });

  it('accuses nobody where every way is slow', () => {
    const none = { kind: 'none' } as never;
    const changes = { symptom: 'latency', certainty: 'suspect', place: none, group: [none], shifts: [SLOW] };
    expect(summaryOf(changes).headline).toMatch(/^Slow answers everywhere, since .*: nobody is accused$/);
  });

  it('tells five figures one by one and counts the rest', () => {
    const shifts = Array.from({ length: 8 }, (_, at) => ({ ...SLOW, pathKey: `fra-${at}>a.a1` }));
    expect(summaryOf({ symptom: 'latency', shifts }).sentences).toContain('3 further figures show the same.');
  });
});
