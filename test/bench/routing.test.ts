import { describe, expect, it } from 'vitest';
import { routingReport } from './routing.ts';

describe('the bench of routing', () => {
  it('plans its small fleet quiet, with calls, and through the death of a provider', async () => {
    const lines: string[] = [];
    const report = await routingReport(true, (line) => lines.push(line));
    expect(lines).toHaveLength(3);
    expect(Object.values(report.metrics).every((value) => value >= 0 && Number.isInteger(value))).toBe(true);
    expect(Object.keys(report.metrics)[4]).toBe('50 PBX x 8 classes x 8 trunks: a provider dies and comes back');
  });
});
