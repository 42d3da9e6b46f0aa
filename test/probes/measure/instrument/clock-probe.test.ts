import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readClock, watchClock } from '../../../../probes/measure/instrument/clock-probe.ts';
import type { ClockReading } from '../../../../wire/measurement.ts';
import { standInProgram } from '../../../support/stand-in-program.ts';

const TRACKING =
  '7F000001,127.0.0.1,9,1795517367.863570352,0.249998674,0.000000033,0.000000085,0.004,0.001,0.085,0.000006071,0.000001086,1.0,Normal';
const NO_PROGRAM = '/nonexistent/program';
const ALWAYS = new AbortController().signal;

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trunkward-clock-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const program = (name: string, script: string) => standInProgram(dir, name, script);

describe('readClock', () => {
  test('asks the kernel of this host where chrony is not there', async () => {
    const reading = await readClock({ chronyc: NO_PROGRAM, perl: 'perl' }, ALWAYS);
    expect(reading?.source).toBe('kernel');
    expect(reading?.errorMs).toBeGreaterThanOrEqual(0);
    if (reading?.isSynchronised === false) expect(reading.errorMs).toBeGreaterThan(0);
  });

  test('believes chrony before the kernel, and the kernel where chrony follows nothing', async () => {
    const good = await program('good', `echo '${TRACKING}'`);
    expect(await readClock({ chronyc: good, perl: NO_PROGRAM }, ALWAYS)).toMatchObject({ source: 'chrony' });
    const lost = await program('lost', `echo '${TRACKING.replace('Normal', 'Not synchronised')}'`);
    expect(await readClock({ chronyc: lost, perl: 'perl' }, ALWAYS)).toMatchObject({ source: 'kernel' });
    const refused = await program('refused', `echo '506 Cannot talk to daemon'; exit 1`);
    expect(await readClock({ chronyc: refused, perl: 'perl' }, ALWAYS)).toMatchObject({ source: 'kernel' });
  });

  test('is unknown where neither can be read', async () => {
    expect(await readClock({ chronyc: NO_PROGRAM, perl: NO_PROGRAM }, ALWAYS)).toBeUndefined();
  });
});

describe('watchClock', () => {
  test('reads at once and goes on until it is stopped, which ends a program that hangs', async () => {
    const readings: (ClockReading | undefined)[] = [];
    const stop = new AbortController();
    const programs = { chronyc: await program('counts', `echo '${TRACKING}'`), perl: NO_PROGRAM };
    const done = watchClock({ programs, everyMs: 20, onReading: (each) => readings.push(each), signal: stop.signal });
    await vi.waitFor(() => expect(readings.length).toBeGreaterThan(2), { timeout: 10_000 });
    stop.abort();
    await done;
    const hangs = { chronyc: await program('hangs', 'exec sleep 600'), perl: NO_PROGRAM };
    const halt = new AbortController();
    const ended = watchClock({ programs: hangs, everyMs: 20, onReading: () => undefined, signal: halt.signal });
    halt.abort();
    await ended;
  });
});
