import { describe, expect, it } from 'vitest';
import type { PackSpan } from '../../../server/evidence/evidence-pack.ts';
import { type Chart, roundTop, timeChart } from '../../../server/evidence/time-chart.ts';
import { MINUTE_MS, OPENED } from './evidence-fixture.ts';

function span(minute: number, lossRatio: number | undefined, lengthMs = MINUTE_MS): PackSpan {
  const known = lossRatio === undefined ? {} : { lossRatio };
  return {
    startEpochMs: OPENED + minute * MINUTE_MS,
    lengthMs,
    sent: 10,
    lost: 1,
    ...known,
    lowRatio: 0.05,
    highRatio: 0.15,
  };
}

function chart(spans: readonly PackSpan[], changes: Partial<Chart> = {}): string {
  const line = {
    look: 'inside',
    spans,
    value: ({ lossRatio }: PackSpan) => lossRatio,
    band: ({ highRatio, lossRatio, lowRatio }: PackSpan) =>
      lossRatio === undefined ? undefined : ([lowRatio, highRatio] as const),
  } as const;
  const whole = { title: 'Loss', top: 0.2, unit: (value: number) => `${value * 100} %`, timeZone: undefined };
  return timeChart({ ...whole, lines: [line], openedAtEpochMs: OPENED, endEpochMs: OPENED + 2 * MINUTE_MS, ...changes })
    .text;
}

const steps = (text: string) => /class="line inside" d="([^"]*)"/.exec(text)?.[1];

describe('a chart over time', () => {
  it('draws each span at its height, as wide as it lasts', () => {
    // 636 pixels over four minutes from 60 on; 156 pixels high from 170 up.
    expect(steps(chart([span(0, 0), span(1, 0.1), span(2, 0.2, 2 * MINUTE_MS)]))).toBe(
      'M60 170H219M219 92H378M378 14H696',
    );
  });

  it('leaves a gap where nothing is known: no line and no band at zero (rule 2)', () => {
    const text = chart([span(0, 0.1), span(1, undefined), span(3, 0.1)]);
    expect(steps(text)).toBe('M60 92H219M537 92H696');
    expect(text.match(/class="band inside"/g)).toHaveLength(2);
  });

  it('shades the time of the verdict, also where it reaches beyond what is drawn', () => {
    expect(chart([span(0, 0), span(3, 0)])).toContain('class="time-of-verdict" x="60" y="14" width="318"');
    expect(chart([span(0, 0)], { openedAtEpochMs: 0, endEpochMs: OPENED * 2 })).toContain('x="60" y="14" width="636"');
  });

  it('says hours in UTC, and below in the zone of the provider where it has one', () => {
    const local = chart([span(0, 0, 900_000)], { timeZone: 'Europe/Berlin' });
    expect(local).toContain('>02:10</text>');
    expect(local).toContain('>03:10</text>');
    expect(chart([span(0, 0, 900_000)])).not.toContain('class="local"');
    const ticks = chart([span(0, 0, 20 * 86_400_000)]).match(/class="tick"/g) ?? [];
    expect(ticks.length).toBeLessThanOrEqual(41);
  });

  it('holds a value above its top and a top of zero inside its frame', () => {
    expect(steps(chart([span(0, 0.9)]))).toBe('M60 14H696');
    expect(steps(chart([span(0, 0)], { top: 0 }))).toBe('M60 170H696');
  });

  it('without anything to draw says so', () => {
    expect(chart([])).toBe('<p class="empty">Nothing was kept to draw.</p>');
  });

  it('rounds its top up to a row of round numbers', () => {
    expect([0, 0.011, 5].map((value) => roundTop(value, [0.01, 0.02, 1]))).toEqual([0.01, 0.02, 1]);
    expect(roundTop(3, [])).toBe(3);
  });
});
