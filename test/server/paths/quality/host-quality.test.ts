import { describe, expect, it } from 'vitest';
import { HostQuality } from '../../../../server/paths/quality/host-quality.ts';
import type { InterfaceMeasurement } from '../../../../wire/host-measurement.ts';

const NOW = 10 * 3_600_000;
const WINDOW_MS = 300_000;

function seen(name: string, more: Partial<InterfaceMeasurement> = {}): InterfaceMeasurement {
  const received = { receivedBytes: 0, receivedPackets: 1000, receivedErrors: 1, receivedDropped: 4 };
  const sent = { sentBytes: 0, sentPackets: 900, sentErrors: 0, sentDropped: 0 };
  return { kind: 'interface', name, observedAtMs: 0, intervalMs: 10_000, ...received, ...sent, ...more };
}

describe('HostQuality', () => {
  it('counts dropped and faulty packets of each interface by direction, over the window', () => {
    const host = new HostQuality();
    host.addInterface(seen('eth0'), NOW - 3_000_000);
    host.addInterface(seen('eth0'), NOW - 10_000);
    host.addInterface(seen('eth0', { sentDropped: 7 }), NOW);
    const figures = host.figures(WINDOW_MS, NOW);
    expect(figures.map(({ direction, n, value }) => [direction, value, n])).toEqual([
      ['forward', 7, 1800],
      ['reverse', 10, 2000],
    ]);
    expect(figures[0]?.notes).toContain('interface eth0');
  });

  it('an interface that told nothing in the window is not there, and is never 0 (rule 2)', () => {
    const host = new HostQuality();
    host.addInterface(seen('eth0'), NOW - 3_000_000);
    expect(host.figures(WINDOW_MS, NOW)).toEqual([]);
  });

  it('follows so many interfaces and no more', () => {
    const host = new HostQuality();
    for (let index = 0; index < 40; index += 1) host.addInterface(seen(`veth${index}`), NOW);
    expect(host.figures(WINDOW_MS, NOW)).toHaveLength(32);
  });

  it('shows the clock with the bound of its error, and no bound where nothing disciplines it', () => {
    const host = new HostQuality();
    host.addClock({ offsetMs: 0.5, errorMs: 2, source: 'chrony', isSynchronised: true }, NOW);
    expect(host.figures(WINDOW_MS, NOW)).toMatchObject([
      { kind: 'clock-offset', value: 0.5, low: -1.5, high: 2.5, n: 1 },
    ]);
    host.addClock({ offsetMs: 0, errorMs: 16_000, source: 'kernel', isSynchronised: false }, NOW);
    const [clock] = host.figures(WINDOW_MS, NOW);
    expect(clock).not.toHaveProperty('low');
    expect(clock?.notes.join()).toContain('no bound');
  });
});
