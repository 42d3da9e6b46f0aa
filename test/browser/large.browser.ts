import assert from 'node:assert/strict';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { down, largeFleet, path } from './support/fleet.ts';
import { countMutations, startCounting } from './support/mutations.ts';

const DELTAS = 120;
const CHANGES_PER_DELTA = 20;

/** 100 × 100 paths under a stream of deltas. What is asserted is work done, not time; the times are printed. */
export const cases: readonly BrowserCase[] = [
  {
    title: `100 x 100 paths: ${DELTAS} deltas of ${CHANGES_PER_DELTA} changes touch only the changed cells, a bounded number of times`,
    run: async ({ open }) => {
      const { page, server } = await open(largeFleet(100, 100));
      await eventually(
        'cells',
        () => page.locator('#matrix a.cell').count(),
        (count) => count === 10_000,
      );
      await page.evaluate(`{
        window.longFrames = [];
        new PerformanceObserver((list) => window.longFrames.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'long-animation-frame' });
      }`);
      await startCounting(page, '#matrix');
      const touched = new Set<string>();
      for (let delta = 0; delta < DELTAS; delta += 1) {
        const changes = Array.from({ length: CHANGES_PER_DELTA }, (_, index) => {
          const row = (delta * 7 + index * 3) % 100;
          const name = `s${Math.floor(row / 10)}-${row}`;
          const value = path(
            name,
            `t${(delta + index) % 100}.e1`,
            'provider-0',
            delta === DELTAS - 1 ? down() : { lost: delta % 5 },
          );
          touched.add(value.key);
          return { kind: 'path' as const, value };
        });
        server.send(changes);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await eventually(
        'hard-down cells',
        () => page.locator('#matrix a.cell[data-state="hard-down"]').count(),
        (count) => count === CHANGES_PER_DELTA,
      );
      const { records, elements } = await countMutations(page);
      const strangers = elements.filter((key) => !touched.has(key));
      assert.deepEqual(strangers, []);
      assert.ok(
        records <= DELTAS * CHANGES_PER_DELTA * 4,
        `${records} mutations for ${DELTAS * CHANGES_PER_DELTA} changes`,
      );
      const frames = await page.evaluate<number[]>('window.longFrames');
      process.stdout.write(
        `       ${records} mutations; ${frames.length} frames over 50 ms, longest ${Math.max(0, ...frames)} ms\n`,
      );
      assert.equal(server.connections, 1);
    },
  },
];
