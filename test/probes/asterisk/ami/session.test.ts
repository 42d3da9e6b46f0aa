import { describe, expect, test } from 'vitest';
import type { AmiHeader } from '../../../../probes/asterisk/ami/ami-packet.ts';
import { stepSession } from '../../../../probes/asterisk/ami/session.ts';
import {
  beginSession,
  nextDeadlineMs,
  type SessionConfig,
  type SessionEffect,
  type SessionInput,
  type SessionState,
} from '../../../../probes/asterisk/ami/session-state.ts';

const CONFIG: SessionConfig = {
  login: { kind: 'plain', username: 'probe', secret: 's' },
  eventMask: 'system,call',
  loginTimeoutMs: 1_000,
  maxInFlight: 3,
  flight: { maxListItems: 3, maxListBytes: 1_000 },
};

function packet(...headers: AmiHeader[]): SessionInput {
  return { kind: 'packet', packet: { headers, wireBytes: 100 } };
}

function action(actionId: string, isList = false, timeoutMs = 500): SessionInput {
  return { kind: 'action', action: { name: isList ? 'DBGetTree' : 'Ping', fields: [] }, actionId, timeoutMs, isList };
}

/** Feeds inputs in turn, each with its time, and gathers the effects. */
function run(inputs: readonly (readonly [SessionInput, number])[], from?: SessionState, config = CONFIG) {
  let state = from ?? beginSession(config, 0);
  const effects: SessionEffect[] = [];
  for (const [input, nowMs] of inputs) {
    const step = stepSession(state, input, nowMs, config);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

const GREETING: SessionInput = { kind: 'greeting', amiVersion: '11.0.0' };
const LOGIN_OK = packet(
  ['Response', 'Success'],
  ['ActionID', 'trunkward-login'],
  ['Message', 'Authentication accepted'],
);
const LOST: SessionInput = { kind: 'lost', code: 'AMI_DISCONNECTED', reason: 'gone' };

function loggedIn(config = CONFIG): SessionState {
  return run(
    [
      [GREETING, 10],
      [LOGIN_OK, 20],
    ],
    undefined,
    config,
  ).state;
}

function settled(effects: readonly SessionEffect[]): readonly unknown[] {
  return effects.flatMap((effect) =>
    effect.kind === 'settle'
      ? [[effect.actionId, effect.outcome.kind === 'failed' ? effect.outcome.code : effect.outcome.kind]]
      : [],
  );
}

describe('login', () => {
  test('plain: the greeting is answered by Login with the event mask under Events', () => {
    const { effects, state } = run([
      [GREETING, 10],
      [LOGIN_OK, 20],
    ]);
    expect(effects).toEqual([
      {
        kind: 'send',
        text: 'Action: Login\r\nActionID: trunkward-login\r\nUsername: probe\r\nSecret: s\r\nEvents: system,call\r\n\r\n',
      },
      { kind: 'logged-in', amiVersion: '11.0.0' },
    ]);
    expect(state.phase).toBe('logged-in');
  });

  test('MD5: a challenge is asked for and only its digest is sent', () => {
    const login = { kind: 'md5', username: 'probe', keyFor: (challenge: string) => `key-of-${challenge}` } as const;
    const { effects } = run(
      [
        [GREETING, 10],
        [packet(['Response', 'Success'], ['ActionID', 'trunkward-challenge'], ['Challenge', '258296179']), 20],
        [LOGIN_OK, 30],
      ],
      undefined,
      { ...CONFIG, login },
    );
    expect(effects).toEqual([
      { kind: 'send', text: 'Action: Challenge\r\nActionID: trunkward-challenge\r\nAuthType: MD5\r\n\r\n' },
      {
        kind: 'send',
        text: 'Action: Login\r\nActionID: trunkward-login\r\nAuthType: MD5\r\nUsername: probe\r\nKey: key-of-258296179\r\nEvents: system,call\r\n\r\n',
      },
      { kind: 'logged-in', amiVersion: '11.0.0' },
    ]);
  });

  test('a refusal ends the session with its own code and Asterisk’s words', () => {
    const { effects, state } = run([
      [GREETING, 10],
      [packet(['Response', 'Error'], ['ActionID', 'trunkward-login'], ['Message', 'Authentication failed']), 20],
    ]);
    expect(effects.at(-1)).toEqual({
      kind: 'disconnect',
      code: 'AMI_LOGIN_REFUSED',
      reason: 'Asterisk refused the login: Authentication failed',
    });
    expect(state).toEqual({ phase: 'closed', code: 'AMI_LOGIN_REFUSED' });
  });

  test('a secret that cannot be sent ends the session without sending any of it', () => {
    const login = { kind: 'plain', username: 'probe', secret: 'a\r\nAction: Originate' } as const;
    const { effects } = run([[GREETING, 10]], undefined, { ...CONFIG, login });
    expect(effects.map(({ kind }) => kind)).toEqual(['disconnect']);
    expect(JSON.stringify(effects)).not.toContain('Originate');
  });

  test.each([
    ['no greeting', [], 'AMI_LOGIN_TIMEOUT', 1_000],
    ['no answer to the login', [GREETING], 'AMI_LOGIN_TIMEOUT', 1_000],
  ] as const)('%s in time ends the session, and not a millisecond sooner', (_, inputs, code, deadlineMs) => {
    const { state } = run(inputs.map((input) => [input, 10]));
    expect(nextDeadlineMs(state)).toBe(deadlineMs);
    expect(run([[{ kind: 'tick' }, deadlineMs - 1]], state).effects).toEqual([]);
    expect(run([[{ kind: 'tick' }, deadlineMs]], state).effects).toMatchObject([{ kind: 'disconnect', code }]);
  });

  test.each([
    ['a packet before the greeting', [packet(['Event', 'X'])]],
    ['a second greeting', [GREETING, GREETING]],
    ['a greeting after the login', [GREETING, LOGIN_OK, GREETING]],
  ])('%s ends the session', (_, inputs) => {
    expect(run(inputs.map((input) => [input, 10])).state).toEqual({ phase: 'closed', code: 'AMI_BAD_GREETING' });
  });

  test.each([
    ['has none', packet(['Response', 'Success'], ['ActionID', 'trunkward-challenge'])],
    ['is refused', packet(['Response', 'Error'], ['ActionID', 'trunkward-challenge'])],
  ])('MD5: an answer to Challenge that %s ends the session', (_, answer) => {
    const login = { kind: 'md5', username: 'probe', keyFor: (challenge: string) => challenge } as const;
    const inputs = [GREETING, answer].map((input): [SessionInput, number] => [input, 10]);
    expect(run(inputs, undefined, { ...CONFIG, login }).state).toEqual({ phase: 'closed', code: 'AMI_LOGIN_REFUSED' });
  });

  test('a response with another ActionID does not log in', () => {
    const { state, effects } = run([
      [GREETING, 10],
      [packet(['Response', 'Success'], ['ActionID', 'other']), 20],
      [packet(['Event', 'FullyBooted'], ['ActionID', 'trunkward-login']), 20],
    ]);
    expect(state.phase).toBe('greeted');
    expect(effects.slice(1).map(({ kind }) => kind)).toEqual(['stray', 'stray']);
  });
});

describe('actions', () => {
  test.each([
    ['connecting', beginSession(CONFIG, 0)],
    ['greeted', run([[GREETING, 1]]).state],
    ['closed', run([[LOST, 1]]).state],
  ])('in phase %s an action is refused at once and not kept', (_, state) => {
    const step = run([[action('a'), 5]], state);
    expect(settled(step.effects)).toEqual([['a', 'AMI_NOT_CONNECTED']]);
    expect(step.effects.some(({ kind }) => kind === 'send')).toBe(false);
    expect(step.state).toBe(state);
  });

  test('answers find their action by ActionID in any order, Error being an answer', () => {
    const { effects, state } = run(
      [
        [action('a'), 30],
        [action('b'), 30],
        [packet(['Response', 'Error'], ['ActionID', 'b'], ['Message', 'Permission denied']), 40],
        [packet(['Response', 'Success'], ['ActionID', 'a']), 41],
      ],
      loggedIn(),
    );
    expect(settled(effects)).toEqual([
      ['b', 'answered'],
      ['a', 'answered'],
    ]);
    expect(nextDeadlineMs(state)).toBeUndefined();
  });

  test('a response nobody asked for, or a second one, is stray and settles nothing', () => {
    const answer = packet(['Response', 'Success'], ['ActionID', 'a']);
    const { effects } = run(
      [
        [packet(['Response', 'Success']), 30],
        [packet(['Response', 'Success'], ['ActionID', '__proto__']), 30],
        [action('a'), 30],
        [answer, 31],
        [answer, 32],
      ],
      loggedIn(),
    );
    expect(effects.map(({ kind }) => kind)).toEqual(['stray', 'stray', 'send', 'settle', 'stray']);
  });

  test('an event that carries Response and ActionID stays an event (OriginateResponse)', () => {
    const { effects } = run(
      [
        [action('a'), 30],
        [packet(['Event', 'OriginateResponse'], ['Response', 'Failure'], ['ActionID', 'a']), 31],
        [packet(['Response', 'Success'], ['ActionID', 'a']), 32],
      ],
      loggedIn(),
    );
    expect(effects.map(({ kind }) => kind)).toEqual(['send', 'event', 'settle']);
  });

  test('an action without an answer fails at its own deadline; its late answer is stray', () => {
    const { state, effects } = run(
      [
        [action('slow', false, 900), 30],
        [action('fast', false, 100), 30],
        [{ kind: 'tick' }, 129],
      ],
      loggedIn(),
    );
    expect(settled(effects)).toEqual([]);
    expect(nextDeadlineMs(state)).toBe(130);
    const after = run(
      [
        [{ kind: 'tick' }, 130],
        [packet(['Response', 'Success'], ['ActionID', 'fast']), 140],
        [packet(['Response', 'Success'], ['ActionID', 'slow']), 150],
      ],
      state,
    );
    expect(settled(after.effects)).toEqual([
      ['fast', 'AMI_ACTION_TIMEOUT'],
      ['slow', 'answered'],
    ]);
    expect(after.effects.map(({ kind }) => kind)).toEqual(['settle', 'stray', 'settle']);
  });

  test('the memory of an unanswered action ends a minute after its deadline', () => {
    const { state } = run(
      [
        [action('a', false, 100), 30],
        [{ kind: 'tick' }, 130],
      ],
      loggedIn(),
    );
    expect(nextDeadlineMs(state)).toBe(60_130);
    const after = run([[{ kind: 'tick' }, 60_130]], state);
    expect(after.effects).toEqual([]);
    expect(nextDeadlineMs(after.state)).toBeUndefined();
  });

  test('a cancel before the login does nothing', () => {
    const state = beginSession(CONFIG, 0);
    expect(run([[{ kind: 'cancel', actionId: 'a' }, 1]], state)).toEqual({ state, effects: [] });
  });

  test('a cancelled action fails once, whatever comes later', () => {
    const { effects } = run(
      [
        [action('a'), 30],
        [{ kind: 'cancel', actionId: 'a' }, 40],
        [{ kind: 'cancel', actionId: 'a' }, 41],
        [packet(['Response', 'Success'], ['ActionID', 'a']), 42],
        [{ kind: 'cancel', actionId: 'never' }, 43],
      ],
      loggedIn(),
    );
    expect(settled(effects)).toEqual([['a', 'AMI_CANCELLED']]);
  });

  test('more actions than may wait are refused, and settled ones do not count', () => {
    const inputs = ['a', 'b', 'c', 'd'].map((id): [SessionInput, number] => [action(id), 30]);
    const { state, effects } = run(inputs, loggedIn());
    expect(settled(effects)).toEqual([['d', 'AMI_TOO_MANY_ACTIONS']]);
    const after = run(
      [
        [{ kind: 'cancel', actionId: 'a' }, 40],
        [action('e'), 41],
      ],
      state,
    );
    expect(settled(after.effects)).toEqual([['a', 'AMI_CANCELLED']]);
  });

  test('memory of cancelled actions is bounded, and those that wait are never forgotten', () => {
    let state = run([[action('waits'), 30]], loggedIn()).state;
    for (let index = 0; index < 100; index += 1) {
      state = run(
        [
          [action(`x${index}`), 31],
          [{ kind: 'cancel', actionId: `x${index}` }, 31],
        ],
        state,
      ).state;
    }
    expect(state.phase === 'logged-in' && state.inFlight.size).toBeLessThanOrEqual(CONFIG.maxInFlight * 2);
    expect(settled(run([[LOST, 32]], state).effects)).toEqual([['waits', 'AMI_DISCONNECTED']]);
  });

  test('an action that would inject a header, or whose ActionID is taken, is refused unsent', () => {
    const bad: SessionInput = {
      kind: 'action',
      action: { name: 'DBPut', fields: [['Val', 'a\r\nAction: Originate']] },
      actionId: 'b',
      timeoutMs: 100,
      isList: false,
    };
    const { effects } = run(
      [
        [action('a'), 30],
        [action('a'), 30],
        [bad, 30],
      ],
      loggedIn(),
    );
    expect(effects.filter(({ kind }) => kind === 'send')).toHaveLength(1);
    expect(settled(effects)).toEqual([
      ['a', 'AMI_BAD_ACTION'],
      ['b', 'AMI_BAD_ACTION'],
    ]);
  });
});

describe('list answers', () => {
  const START = packet(['Response', 'Success'], ['ActionID', 'l'], ['EventList', 'start']);
  const item = (value: string, actionId = 'l') =>
    packet(['Event', 'DBGetTreeResponse'], ['Val', value], ['ActionID', actionId]);
  const END = packet(['Event', 'DBGetTreeComplete'], ['ActionID', 'l'], ['EventList', 'Complete'], ['ListItems', '2']);

  test('items are gathered by ActionID between start and Complete, while other events pass', () => {
    const { effects } = run(
      [
        [action('l', true), 30],
        [START, 31],
        [item('1'), 32],
        [packet(['Event', 'Newchannel']), 33],
        [item('9', 'other'), 33],
        [item('2'), 34],
        [END, 35],
      ],
      loggedIn(),
    );
    expect(effects.map(({ kind }) => kind)).toEqual(['send', 'event', 'event', 'settle']);
    const last = effects.at(-1);
    const items = last?.kind === 'settle' && last.outcome.kind === 'answered' ? last.outcome.items : [];
    expect(items.map(({ headers }) => headers[1]?.[1])).toEqual(['1', '2']);
  });

  test('a second response within a list is stray, and an event before the first one is only an event', () => {
    const { effects } = run(
      [
        [action('l', true), 30],
        [item('0'), 31],
        [START, 31],
        [START, 32],
        [item('1'), 33],
        [END, 34],
      ],
      loggedIn(),
    );
    expect(effects.map(({ kind }) => kind)).toEqual(['send', 'event', 'stray', 'settle']);
  });

  test('a late start of a list whose caller has gone is recognised until its end', () => {
    const { effects, state } = run(
      [
        [action('l', true), 30],
        [{ kind: 'cancel', actionId: 'l' }, 31],
        [START, 32],
        [END, 34],
      ],
      loggedIn(),
    );
    expect(effects.map(({ kind }) => kind)).toEqual(['send', 'settle', 'stray']);
    expect(state.phase === 'logged-in' && state.inFlight.size).toBe(0);
  });

  test('an Error to a list action is its whole answer', () => {
    const refusal = packet(['Response', 'Error'], ['ActionID', 'l'], ['Message', 'Database entry not found']);
    expect(
      settled(
        run(
          [
            [action('l', true), 30],
            [refusal, 31],
          ],
          loggedIn(),
        ).effects,
      ),
    ).toEqual([['l', 'answered']]);
  });

  test('a list that ends as Cancelled is a fault, not a short list', () => {
    const cancelled = packet(['Event', 'X'], ['ActionID', 'l'], ['EventList', 'Cancelled']);
    const { effects } = run(
      [
        [action('l', true), 30],
        [START, 31],
        [item('1'), 32],
        [cancelled, 33],
      ],
      loggedIn(),
    );
    expect(settled(effects)).toEqual([['l', 'AMI_LIST_CANCELLED']]);
  });

  test('a list without its end fails at the deadline; the items that still come are nobody’s events', () => {
    const { state, effects } = run(
      [
        [action('l', true, 100), 30],
        [START, 31],
        [item('1'), 32],
        [{ kind: 'tick' }, 130],
        [item('2'), 140],
        [END, 141],
      ],
      loggedIn(),
    );
    expect(settled(effects)).toEqual([['l', 'AMI_ACTION_TIMEOUT']]);
    expect(effects.some(({ kind }) => kind === 'event')).toBe(false);
    expect(state.phase === 'logged-in' && state.inFlight.size).toBe(0);
  });

  test.each([
    ['items', { maxListItems: 2, maxListBytes: 10_000 }],
    ['bytes', { maxListItems: 100, maxListBytes: 200 }],
  ])('a list past its cap of %s fails and its rest is dropped', (_, flight) => {
    const { effects, state } = run(
      [
        [action('l', true), 30],
        [START, 31],
        [item('1'), 32],
        [item('2'), 32],
        [item('3'), 32],
        [item('4'), 32],
        [END, 33],
      ],
      loggedIn(),
      { ...CONFIG, flight },
    );
    expect(settled(effects)).toEqual([['l', 'AMI_LIST_TOO_LONG']]);
    expect(effects.some(({ kind }) => kind === 'event')).toBe(false);
    expect(state.phase === 'logged-in' && state.inFlight.size).toBe(0);
  });
});

describe('the end of a connection', () => {
  test('everything in flight fails with the reason, in the order sent, and the session does nothing more', () => {
    const { state, effects } = run(
      [
        [action('a'), 30],
        [action('l', true), 31],
        [packet(['Response', 'Success'], ['ActionID', 'l'], ['EventList', 'start']), 32],
        [action('c'), 33],
        [{ kind: 'cancel', actionId: 'c' }, 34],
        [LOST, 35],
      ],
      loggedIn(),
    );
    expect(settled(effects)).toEqual([
      ['c', 'AMI_CANCELLED'],
      ['a', 'AMI_DISCONNECTED'],
      ['l', 'AMI_DISCONNECTED'],
    ]);
    const after = run(
      [
        [LOST, 40],
        [GREETING, 40],
        [LOGIN_OK, 40],
        [{ kind: 'tick' }, 9_999],
      ],
      state,
    );
    expect(after.effects).toEqual([]);
    expect(nextDeadlineMs(state)).toBeUndefined();
  });
});
