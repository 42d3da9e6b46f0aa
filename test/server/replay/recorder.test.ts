import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ProbeHandlers } from '../../../server/ingest/probe-server.ts';
import { Recorder } from '../../../server/replay/recorder-server.ts';
import { batchFrame, helloFrame } from '../../support/probe-frames.ts';
import { hubConfig } from '../hub-fixture.ts';

const IGNORING: ProbeHandlers = {
  onHello: () => {
    throw new Error('not asked for its answer');
  },
  onReady: () => undefined,
  onBatch: () => undefined,
  onEvent: async () => undefined,
  onPlanResult: () => undefined,
  onReadBack: () => undefined,
  onTargets: () => undefined,
  onGone: () => undefined,
  onRefused: () => undefined,
  onFault: () => undefined,
};

function begun() {
  const recorder = new Recorder(hubConfig('.'), () => 1_800_000_000_000);
  const handlers = recorder.around({
    ...IGNORING,
    onHello: (_pbx, hello) => ({
      v: 1,
      type: 'welcome',
      hubInstanceId: 'hub-00000001',
      fence: 1,
      sentAtEpochMs: hello.sentAtEpochMs,
      modes: {
        stopped: false,
        routing: 'observe',
        spend: 'observe',
        security: 'observe',
        survival: 'observe',
        classes: [],
      },
    }),
  });
  return { recorder, handlers };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<readonly string[]> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text.trimEnd().split('\n');
}

describe('a recording', () => {
  it('that ends before it is read is whole, and frames after its end do not cost it', async () => {
    const { recorder, handlers } = begun();
    handlers.onHello('fra-1', helloFrame());
    const stream = recorder.begin(20);
    if (!stream) throw new Error('no recording');
    handlers.onBatch('fra-1', 'instance-0001', batchFrame({ sequence: 1 }));
    await delay(40);
    handlers.onBatch('fra-1', 'instance-0001', batchFrame({ sequence: 2 }));
    handlers.onGone('fra-1', 'closed');
    expect(recorder.count).toBe(1);
    const lines = await readAll(stream);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('"sequence":1');
    expect(recorder.count).toBe(0);
  });

  it('begins with the routes that Asterisk has by now, not with those of the hello', async () => {
    const { recorder, handlers } = begun();
    const plan = { readAtEpochMs: 0, routes: [{ class: 'national', raw: '2:1.1:a/100' }], down: [] };
    handlers.onHello('fra-1', helloFrame({ plan }));
    handlers.onPlanResult('fra-1', {
      v: 1,
      type: 'plan-result',
      fence: 1,
      version: 2,
      results: [{ class: 'national', outcome: 'applied', readBack: '2:1.2:b/100' }],
      finishedAtMs: 1,
      finishedAtEpochMs: 1,
    });
    const stream = recorder.begin(1000);
    recorder.close();
    const [, hello = ''] = await readAll(stream ?? process.stdin);
    expect(hello).toContain('2:1.2:b/100');
    expect(hello).not.toContain('2:1.1:a/100');
  });
});
