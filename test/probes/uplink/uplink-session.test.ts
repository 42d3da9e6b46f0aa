import { describe, expect, test } from 'vitest';
import { advance, maySendBatch } from '../../../probes/uplink/uplink-session.ts';
import {
  EVENT_WINDOW,
  newUplink,
  type UplinkEffect,
  type UplinkInput,
  type UplinkState,
} from '../../../probes/uplink/uplink-state.ts';
import type { HubFrame } from '../../../wire/hub-frames.ts';
import { ack, bans, command, event, leases, modes, OUTBOX_ID, plan, refuse, welcome } from './hub-frame-samples.ts';

type Run = { readonly state: UplinkState; readonly effects: readonly UplinkEffect[] };

/** Feeds inputs one after another; each is an input, or an input with the time at which it comes. */
function run(start: UplinkState, ...inputs: readonly (UplinkInput | readonly [number, UplinkInput])[]): Run {
  let state = start;
  let effects: readonly UplinkEffect[] = [];
  let nowMs = 0;
  for (const entry of inputs) {
    const [atMs, input] = 'kind' in entry ? [nowMs, entry] : entry;
    nowMs = atMs;
    const step = advance(state, input, nowMs);
    state = step.state;
    effects = step.effects;
  }
  return { state, effects };
}

const frame = (content: HubFrame): UplinkInput => ({ kind: 'frame', frame: content });
const lost = (random = 0.5): UplinkInput => ({ kind: 'disconnected', isTokenRefused: false, random });
const loaded = (connection: number, ...sequences: readonly number[]): UplinkInput => ({
  kind: 'events-loaded',
  connection,
  events: sequences.map(event),
});
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const flowing = (fence = 0) =>
  run(newUplink(OUTBOX_ID, fence), { kind: 'connect' }, { kind: 'opened' }, frame(welcome(fence))).state;
const notices = (effects: readonly UplinkEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'report' ? [effect.notice.code] : []));

describe('connecting', () => {
  test('opens, greets with hello, and flows after the welcome, asking the outbox for its oldest events', () => {
    const opening = run(newUplink(OUTBOX_ID, 0), { kind: 'connect' });
    expect(opening.effects).toEqual([{ kind: 'open', connection: 1 }]);
    const greeting = run(opening.state, { kind: 'opened' });
    expect(greeting.effects).toEqual([{ kind: 'send-hello' }]);
    expect(maySendBatch(greeting.state)).toBe(false);
    const welcomed = run(greeting.state, frame(welcome(4)));
    expect(welcomed.effects).toEqual([
      { kind: 'deliver', frame: welcome(4) },
      { kind: 'load-events', connection: 1, after: 0, limit: EVENT_WINDOW },
    ]);
    expect(maySendBatch(welcomed.state)).toBe(true);
    expect(welcomed.state.fence).toBe(4);
  });

  test.each<HubFrame>([modes(9), plan(9), ack(1)])('before the welcome a $type has no effect', (content) => {
    const { state } = run(newUplink(OUTBOX_ID, 0), { kind: 'connect' }, { kind: 'opened' });
    const step = run(state, frame(content));
    expect(step.state).toEqual(state);
    expect(notices(step.effects)).toEqual(['unexpected-frame']);
  });

  test('a second welcome has no effect', () => {
    const state = run(flowing(3), loaded(1)).state;
    const step = run(state, frame(welcome(9)));
    expect(step.state.fence).toBe(3);
    expect(notices(step.effects)).toEqual(['unexpected-frame']);
  });

  test.each<UplinkInput>([{ kind: 'connect' }, { kind: 'opened' }])('$kind while flowing changes nothing', (input) => {
    const state = flowing();
    expect(run(state, input)).toEqual({ state, effects: [] });
  });

  test('after stop nothing happens any more', () => {
    const stopped = run(flowing(), { kind: 'stop' });
    expect(stopped.effects).toEqual([{ kind: 'disconnect' }]);
    for (const input of [{ kind: 'connect' } as const, lost(), { kind: 'outbox-changed' } as const, frame(plan(9))]) {
      expect(run(stopped.state, input)).toEqual({ state: stopped.state, effects: [] });
    }
  });
});

describe('reconnecting', () => {
  const failing = (count: number) =>
    upTo(count).flatMap((): readonly UplinkInput[] => [{ kind: 'connect' }, lost(0.999_999)]);
  const waitMs = ({ effects }: Run) =>
    effects.flatMap((effect) => (effect.kind === 'reconnect' ? [Math.round(effect.afterMs)] : []));

  test('waits double from 0.5 s to 30 s', () => {
    const waits = [1, 2, 3, 7, 20].map((count) => waitMs(run(newUplink(OUTBOX_ID, 0), ...failing(count)))[0]);
    expect(waits).toEqual([500, 1000, 2000, 30_000, 30_000]);
  });

  test('a welcome that lasted 10 s starts the doubling anew, a shorter one does not', () => {
    const greeted: readonly UplinkInput[] = [{ kind: 'connect' }, { kind: 'opened' }, frame(welcome(0))];
    const waitAfter = (lastedMs: number) =>
      waitMs(run(newUplink(OUTBOX_ID, 0), ...failing(5), ...greeted, [lastedMs, lost(0.999_999)]))[0];
    expect(waitAfter(9999)).toBe(16_000);
    expect(waitAfter(10_000)).toBe(500);
  });

  test('one disconnection reported twice waits once', () => {
    const once = run(flowing(), lost());
    expect(run(once.state, lost())).toEqual({ state: once.state, effects: [] });
  });

  test.each(['another-instance', 'unknown-pbx', 'unknown-version'] as const)(
    'a fatal %s is reported and waits at least 30 s: no retry lifts it',
    (code) => {
      const { state } = run(newUplink(OUTBOX_ID, 0), { kind: 'connect' }, { kind: 'opened' });
      const refused = run(state, frame(refuse(code, true)));
      expect(refused.effects.map(({ kind }) => kind)).toEqual(['report', 'disconnect']);
      expect(waitMs(run(refused.state, lost(0)))[0]).toBeGreaterThanOrEqual(30_000);
      const again = run(refused.state, lost(0), { kind: 'connect' }, lost(0));
      expect(waitMs(again)[0]).toBeLessThan(2000);
    },
  );

  test('a refused token waits as long and is said', () => {
    const { state } = run(newUplink(OUTBOX_ID, 0), { kind: 'connect' });
    const refused = run(state, { kind: 'disconnected', isTokenRefused: true, random: 0 });
    expect(notices(refused.effects)).toEqual(['token-refused']);
    expect(waitMs(refused)[0]).toBeGreaterThanOrEqual(30_000);
  });

  test('a refusal that is not fatal is reported, and the connection goes on', () => {
    const state = run(flowing(), loaded(1)).state;
    const step = run(state, frame(refuse('bad-frame', false)));
    expect(step.state).toEqual(state);
    expect(notices(step.effects)).toEqual(['refused']);
  });

  test('a frame that cannot be read is reported and changes nothing', () => {
    const state = run(flowing(), loaded(1)).state;
    const fault = { code: 'not-json', place: '', message: 'x' } as const;
    const step = run(state, { kind: 'unreadable', fault });
    expect(step).toEqual({ state, effects: [{ kind: 'report', notice: { code: 'unreadable-frame', fault } }] });
  });
});

describe('durable events', () => {
  const sent = (effects: readonly UplinkEffect[]) =>
    effects.flatMap((effect) => (effect.kind === 'send-event' ? [effect.frame.sequence] : []));
  const loads = (effects: readonly UplinkEffect[]) =>
    effects.flatMap((effect) => (effect.kind === 'load-events' ? [[effect.after, effect.limit]] : []));

  test('go out in order and ask for more behind the last', () => {
    const step = run(flowing(), loaded(1, 5, 6, 9));
    expect(sent(step.effects)).toEqual([5, 6, 9]);
    expect(loads(step.effects)).toEqual([[9, EVENT_WINDOW - 3]]);
  });

  test('no more than the window is under way; an acknowledgement opens it again', () => {
    const full = run(flowing(), loaded(1, ...upTo(EVENT_WINDOW)));
    expect(loads(full.effects)).toEqual([]);
    expect(loads(run(full.state, { kind: 'outbox-changed' }).effects)).toEqual([]);
    const acked = run(full.state, frame(ack(10)));
    expect(acked.effects).toEqual([
      { kind: 'acknowledge', outboxId: OUTBOX_ID, sequence: 10 },
      { kind: 'load-events', connection: 1, after: EVENT_WINDOW, limit: 10 },
    ]);
  });

  test('an empty outbox is not asked again until it changes; a change during a load is not forgotten', () => {
    const idle = run(flowing(), loaded(1));
    expect(idle.effects).toEqual([]);
    expect(run(idle.state, { kind: 'tick' }).effects).toEqual([]);
    expect(loads(run(idle.state, { kind: 'outbox-changed' }).effects)).toEqual([[0, EVENT_WINDOW]]);
    const during = run(flowing(), { kind: 'outbox-changed' }, loaded(1));
    expect(loads(during.effects)).toEqual([[0, EVENT_WINDOW]]);
  });

  test('after a reconnection those not acknowledged are sent again, oldest first, the acknowledged never', () => {
    const cut = run(flowing(), loaded(1, 1, 2, 3, 4), frame(ack(2)), lost());
    const back = run(cut.state, { kind: 'connect' }, { kind: 'opened' }, frame(welcome(0)));
    expect(loads(back.effects)).toEqual([[2, EVENT_WINDOW]]);
    expect(sent(run(back.state, loaded(2, 2, 3, 4)).effects)).toEqual([3, 4]);
  });

  test('a load that belongs to an earlier connection sends nothing', () => {
    const cut = run(flowing(), lost(), { kind: 'connect' }, { kind: 'opened' }, frame(welcome(0)));
    expect(run(cut.state, loaded(1, 1, 2))).toEqual({ state: cut.state, effects: [] });
    expect(run(cut.state, { kind: 'load-failed', connection: 1 })).toEqual({ state: cut.state, effects: [] });
  });

  test('a doubled or older acknowledgement does nothing', () => {
    const { state } = run(flowing(), loaded(1, 1, 2, 3), loaded(1), frame(ack(3)), loaded(1));
    expect(run(state, frame(ack(3)))).toEqual({ state, effects: [] });
    expect(run(state, frame(ack(1)))).toEqual({ state, effects: [] });
  });

  test('an acknowledgement for what was never sent, or of another outbox, removes nothing and is reported', () => {
    const { state } = run(flowing(), loaded(1, 1, 2), loaded(1));
    for (const wrong of [ack(3), ack(1, 'another-outbox')]) {
      const step = run(state, frame(wrong));
      expect(step.state).toEqual(state);
      expect(notices(step.effects)).toEqual(['foreign-acknowledgement']);
    }
  });

  test('without any acknowledgement for 30 s they are sent again from the oldest', () => {
    const waiting = run(flowing(), [1000, loaded(1, 1, 2)], loaded(1));
    expect(run(waiting.state, [30_999, { kind: 'tick' }]).effects).toEqual([]);
    const overdue = run(waiting.state, [31_000, { kind: 'tick' }]);
    expect(notices(overdue.effects)).toEqual(['events-unacknowledged']);
    expect(loads(overdue.effects)).toEqual([[0, EVENT_WINDOW]]);
    expect(sent(run(overdue.state, loaded(1, 1, 2)).effects)).toEqual([1, 2]);
  });

  test('an outbox that cannot be read is asked again at the next tick, not in a loop', () => {
    const failed = run(flowing(), { kind: 'load-failed', connection: 1 });
    expect(failed.effects.map(({ kind }) => kind)).toEqual(['report']);
    expect(loads(run(failed.state, { kind: 'tick' }).effects)).toEqual([[0, EVENT_WINDOW]]);
  });

  test('a congested socket gets neither events nor batches until it is relieved', () => {
    const congested = run(flowing(), loaded(1), { kind: 'congestion', isCongested: true });
    expect(maySendBatch(congested.state)).toBe(false);
    expect(run(congested.state, { kind: 'outbox-changed' }).effects).toEqual([]);
    const relieved = run(congested.state, { kind: 'outbox-changed' }, { kind: 'congestion', isCongested: false });
    expect(maySendBatch(relieved.state)).toBe(true);
    expect(loads(relieved.effects)).toEqual([[0, EVENT_WINDOW]]);
  });
});

describe('fence', () => {
  test.each<HubFrame>([modes(5), plan(5), leases(5), bans(5), command(5)])(
    'a $type of the held fence or a higher one is delivered',
    (content) => {
      expect(run(flowing(5), loaded(1), frame(content)).effects).toEqual([{ kind: 'deliver', frame: content }]);
      const raised = run(flowing(4), loaded(1), frame(content));
      expect(raised.effects).toEqual([{ kind: 'deliver', frame: content }]);
      expect(raised.state.fence).toBe(5);
    },
  );

  test.each<HubFrame>([modes(4), leases(4), bans(4), command(4)])(
    'a $type of a superseded hub is refused and reported',
    (content) => {
      const step = run(flowing(5), loaded(1), frame(content));
      expect(notices(step.effects)).toEqual(['stale-fence']);
      expect(step.effects).toHaveLength(1);
      expect(step.state.fence).toBe(5);
    },
  );

  test('a plan of a superseded hub changes nothing and says so', () => {
    const step = run(flowing(5), loaded(1), frame(plan(4)));
    expect(step.effects).toEqual([
      { kind: 'report', notice: { code: 'stale-fence', type: 'plan', fence: 4, heldFence: 5 } },
      { kind: 'refuse-plan', plan: plan(4), reason: 'fence 4 is below 5' },
    ]);
  });

  test('is remembered over reconnections and never falls, even by the welcome of an older hub', () => {
    const back = run(flowing(5), lost(), { kind: 'connect' }, { kind: 'opened' }, frame(welcome(3)));
    expect(back.state.fence).toBe(5);
    expect(notices(back.effects)).toEqual(['stale-fence']);
    expect(notices(run(back.state, frame(plan(3))).effects)).toEqual(['stale-fence']);
  });
});
