import { expect, test } from 'vitest';
import { answerRequest, beginRequest, passRequestTime } from '../../../../probes/measure/sip/dialog-transaction.ts';
import { answerInvite, beginInvite, passInviteTime } from '../../../../probes/measure/sip/invite-transaction.ts';

function inviteSends(untilMs: number) {
  let transaction = beginInvite(0);
  const atMs: number[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 100) {
    const step = passInviteTime(transaction, nowMs);
    if (step.action === 'send-invite') atMs.push(nowMs);
    transaction = step.transaction;
  }
  return { atMs, transaction };
}

test('an INVITE without an answer leaves seven times by timer A and is given up by timer B', () => {
  const { atMs, transaction } = inviteSends(32_000);
  expect(atMs).toEqual([500, 1500, 3500, 7500, 15_500, 31_500]);
  expect(transaction).toEqual({ kind: 'timed-out', sends: 7 });
});

test('a provisional answer ends the retransmission and the time-out', () => {
  const { transaction } = answerInvite(beginInvite(0), 100, 10);
  expect(passInviteTime(transaction, 60_000)).toEqual({ transaction, action: 'nothing', isPassedOn: false });
});

test('a refusal is acknowledged at each copy and passed on once', () => {
  const first = answerInvite(beginInvite(0), 486, 10);
  const copy = answerInvite(first.transaction, 486, 20);
  expect([first.action, first.isPassedOn, copy.action, copy.isPassedOn]).toEqual(['send-ack', true, 'send-ack', false]);
});

test('each copy of a 2xx is passed on, and one that comes after the time-out too', () => {
  const first = answerInvite(beginInvite(0), 200, 10);
  expect(answerInvite(first.transaction, 200, 600)).toMatchObject({ isPassedOn: true, action: 'nothing' });
  expect(answerInvite(inviteSends(32_000).transaction, 200, 40_000)).toMatchObject({ isPassedOn: true });
});

test('a refusal after a 2xx changes nothing', () => {
  const { transaction } = answerInvite(beginInvite(0), 200, 10);
  expect(answerInvite(transaction, 487, 20)).toEqual({ transaction, action: 'nothing', isPassedOn: false });
});

test('a BYE without an answer leaves eleven times by timer E and is given up by timer F', () => {
  let transaction = beginRequest(0);
  const atMs: number[] = [];
  for (let nowMs = 0; nowMs <= 32_000; nowMs += 100) {
    const step = passRequestTime(transaction, nowMs);
    if (step.isSendDue) atMs.push(nowMs);
    transaction = step.transaction;
  }
  expect(atMs).toEqual([500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  expect(transaction).toEqual({ kind: 'gave-up', sends: 11 });
});

test('a provisional answer to a BYE widens the gaps to T2', () => {
  const slow = answerRequest(beginRequest(0), 100);
  const { transaction } = passRequestTime(slow, 500);
  expect(transaction).toMatchObject({ nextAtMs: 4500, sends: 2 });
  expect(answerRequest(transaction, 481)).toEqual({ kind: 'answered', statusCode: 481, sends: 2 });
});
