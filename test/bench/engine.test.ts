import { describe, expect, it } from 'vitest';
import { engineReport } from './engine.ts';

describe('the bench of the engine', () => {
  it('plays its small size: passes after a second of batches, and a real hub whose event loop it watches', async () => {
    const lines: string[] = [];
    const report = await engineReport(true, (line) => lines.push(line));
    expect(lines).toHaveLength(3);
    const [assigned, alone, hub] = Object.values(report.metrics);
    expect(assigned).toMatchObject({ wholePassMs: expect.any(Number), quietPassMs: expect.any(Number) });
    expect(alone && 'worstPassMs' in alone && alone.worstPassMs).toBeGreaterThan(0);
    expect(hub && 'batches' in hub && hub.batches).toBeGreaterThan(100);
    expect(hub && 'passes' in hub && hub.passes).toBeGreaterThan(0);
  }, 120_000);
});
