// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DialplanBench, dialplanBench, expectOrder, order, renderedInclude, summary } from '../dialplan-bench.ts';
import { dialplanInput, guardedInput } from '../dialplan-input.ts';
import { checkInstall } from '../dialplan-install.ts';
import {
  checkCallers,
  checkCapacity,
  checkCeilings,
  checkFallbackTimes,
  checkFormats,
  checkLateRinging,
  checkLocalForm,
  checkRecipes,
  checkRerouteRules,
  checkShares,
} from '../dialplan-settings.ts';
import { startLateRinger } from '../late-ringer.ts';
import { pollUntil } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

const NATIONAL = '030123456';
const FAR_FUTURE = '9999999999';

async function checkRoutes(bench: DialplanBench): Promise<void> {
  const { pbx, lab } = bench;
  const first = await expectOrder(bench, 'with an empty AstDB the static order holds', 'A', NATIONAL);
  lab.check(
    'the call is answered by the provider, with its ringing before',
    first.status === 200 && first.provisional.includes(180),
    {
      ...summary(first),
    },
  );
  const [atA] = first.atA;
  lab.check(
    'number template and caller ID (pass) arrive',
    atA?.requestUri.startsWith('sip:+4930123456@') === true && atA.fromUser === '200',
    {
      ...atA,
    },
  );

  await pbx.databasePut('trunkward', 'route/national', '2:7.42:beta/100,alpha-1/0');
  const second = await expectOrder(bench, 'the route value is followed', 'B', NATIONAL);
  const [atB] = second.atB;
  lab.check(
    'number template and caller ID (fixed) arrive',
    atB?.requestUri.startsWith('sip:004930123456@') === true && atB.fromUser === '+4930555000',
    { ...atB },
  );
  await pbx.databasePut('trunkward', 'route/national', '2:7.43:gamma/100,nobody/5,beta/1');
  await expectOrder(bench, 'unknown trunks and trunks of another class are passed over', 'B', NATIONAL);

  await pbx.databasePut('trunkward', 'route/national', '2:7.44:alpha-1/0,beta/1');
  await expectOrder(bench, 'weight 0 is standby even when listed first', 'B', NATIONAL);

  await pbx.databasePut('trunkward', 'route/national', '2:7.45:alpha-1/1,beta/1');
  await pbx.databasePut('trunkward', 'down/alpha-1', FAR_FUTURE);
  await expectOrder(bench, 'a trunk marked down is skipped', 'B', NATIONAL);
  await pbx.databasePut('trunkward', 'route/national', '2:7.46:alpha-1/1,beta/0');
  await pbx.databasePut('trunkward', 'down/beta', FAR_FUTURE);
  await expectOrder(bench, 'marks that would empty the route are ignored', 'A', NATIONAL);
  lab.check('and an event says so', (await pbx.log()).includes('TrunkwardPanic,Class: national'));
  await pbx.databasePut('trunkward', 'down/alpha-1', `${Math.floor(Date.now() / 1000) - 1}`);
  await expectOrder(bench, 'an expired mark is ignored', 'A', NATIONAL);
  for (const [index, value] of ['soon', '99999999999999999999', '-1', '1 | 1'].entries()) {
    await pbx.databasePut('trunkward', 'down/alpha-1', value);
    await expectOrder(bench, `malformed mark ${index + 1} is ignored`, 'A', NATIONAL);
  }
  await pbx.databaseClear();
}

async function checkMalformedRoutes(bench: DialplanBench): Promise<void> {
  const values = [
    'garbage',
    '2:7.42:',
    '3:7.42:beta/1',
    '1:7.42:beta/1',
    '2:7:beta/1',
    '2:7.42:beta',
    '2:7.42:beta/1001',
    '2:7.42:beta/1,beta/1',
    '2:7.42:nobody/1',
    '2:7.42:beta/1,',
    '2:7.42:beta/1&PJSIP/beta',
    '2:7.42:beta/1,${SHELL(id)}/1',
    '2:7.42:beta/1 | 1',
    ')]?x:y',
  ];
  for (const value of values) {
    await bench.pbx.databasePut('trunkward', 'route/national', value);
    await expectOrder(bench, `route value ${JSON.stringify(value)} gives the static order`, 'A', NATIONAL);
  }
  await bench.pbx.databaseClear();
}

async function checkReroutes(bench: DialplanBench): Promise<void> {
  const { a, b, lab } = bench;
  for (const status of [408, 500, 502, 503, 504]) {
    await a.setInvite({ kind: 'refuse', status });
    const traced = await expectOrder(bench, `${status} falls over`, 'AB', NATIONAL);
    if (status !== 503) continue;
    const [one, other] = [traced.atA[0]?.callId, traced.atB[0]?.callId];
    lab.check('every attempt has a Call-ID of its own', one !== undefined && other !== undefined && one !== other, {
      one,
      other,
    });
  }
  for (const status of [302, 400, 403, 404, 480, 484, 486, 487, 501, 505, 600, 603, 606]) {
    await a.setInvite({ kind: 'refuse', status });
    const traced = await expectOrder(bench, `${status} is final`, 'A', NATIONAL);
    lab.check(`${status} reaches the caller as a refusal`, (traced.status ?? 0) >= 400, { caller: traced.status });
  }
  for (const first of [180, 181, 183] as const) {
    await a.setInvite({ kind: 'refuse', status: 503, first });
    await expectOrder(bench, `503 after ${first} is final`, 'A', NATIONAL);
  }
  await a.setInvite({ kind: 'ignore' });
  const silent = await expectOrder(bench, 'a silent trunk falls over at its dial time-out of 3 s', 'AB', NATIONAL);
  lab.check('within 3 to 4 s', silent.tookMs >= 2900 && silent.tookMs < 4000, { tookMs: silent.tookMs });
  const timerB = await expectOrder(
    bench,
    'a silent edge falls over to the next edge at timer B (6.4 s here), longest prefix first',
    'AB',
    '0151234567',
  );
  lab.check('within 6.4 to 7.4 s', timerB.tookMs >= 6300 && timerB.tookMs < 7400, { tookMs: timerB.tookMs });
  lab.check('with its technical prefix', timerB.atB[0]?.requestUri.startsWith('sip:971149151234567@') === true, {
    uri: timerB.atB[0]?.requestUri,
  });
  await a.setInvite({ kind: 'trying' });
  const trying = await expectOrder(bench, '100 and then silence falls over', 'AB', NATIONAL);
  lab.check('at the dial time-out', trying.tookMs >= 2900 && trying.tookMs < 4000, { tookMs: trying.tookMs });
  await a.setInvite({ kind: 'ring' });
  const ringing = await expectOrder(bench, 'ringing until the dial time-out is final', 'A', NATIONAL);
  lab.check('and the caller gets 480', ringing.status === 480, { caller: ringing.status });
  await a.setInvite({ kind: 'accept' });
  const broken = await expectOrder(bench, 'a missing endpoint and a refused connection fall over', 'B', '0190123456');
  lab.check('without a wait', broken.tookMs < 1000, { tookMs: broken.tookMs });
  for (const provider of [a, b]) await provider.setInvite({ kind: 'refuse', status: 503 });
  const all = await expectOrder(bench, 'all trunks are tried once', 'AB', NATIONAL);
  lab.check('and the caller gets 503', all.status === 503, { caller: all.status });
  for (const provider of [a, b]) await provider.setInvite({ kind: 'accept' });
}

async function checkRefusals(bench: DialplanBench): Promise<void> {
  const numbers = [
    '030123&PJSIP/alpha/sip%3a9%4010.77.1.2',
    '112&PJSIP/beta',
    '030123/../x',
    '030123;x=1',
    '030123%26112',
    '030$%7BEPOCH%7D',
    '030$%5B1+1%5D',
    '030123%20456',
    '++4930123456',
    '+49+30123456',
    '030%0d%0aX',
    'h',
    'i',
    's',
    'abc',
    '30123456',
    '00999123456789',
    '00491234567890123456',
  ];
  for (const number of numbers) {
    const traced = await bench.place(number);
    bench.lab.check(
      `${JSON.stringify(number)} is refused`,
      order(traced) === '' && (traced.status ?? 0) >= 400,
      summary(traced),
    );
  }
}

async function checkEmergency(bench: DialplanBench): Promise<void> {
  const { pbx, a, b, lab } = bench;
  const poison = [
    ['route/national', '2:9.9:alpha-1/100'],
    ['route/emergency', '2:9.9:alpha-1/100'],
    ['route/112', ')]?x:y'],
    ['down/alpha-1', FAR_FUTURE],
    ['down/beta', FAR_FUTURE],
  ] as const;
  for (const [key, value] of poison) await pbx.databasePut('trunkward', key, value);
  const delaysMs: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const traced = await expectOrder(
      bench,
      `emergency ${round + 1} goes by its own list whatever AstDB holds`,
      'B',
      '112',
    );
    delaysMs.push(Math.round(((traced.atB[0]?.receivedAtEpochMs ?? Number.NaN) - traced.sentAtEpochMs) * 10) / 10);
    if (round > 0) continue;
    lab.check('emergency: the number is sent as dialled', traced.atB[0]?.requestUri.startsWith('sip:112@') === true, {
      uri: traced.atB[0]?.requestUri,
    });
  }
  const medianMs = delaysMs.toSorted((one, other) => one - other)[2] ?? Number.NaN;
  lab.check('emergency: INVITE in to INVITE out within 50 ms (median)', medianMs < 50, { medianMs, delaysMs });
  for (const status of [404, 486, 503, 603]) {
    await b.setInvite({ kind: 'refuse', status });
    await expectOrder(bench, `emergency: ${status} moves on`, 'BA', '112');
  }
  for (const provider of [a, b]) await provider.setInvite({ kind: 'accept' });
  await pbx.databaseClear();
  await pbx.console('module unload func_db.so');
  await expectOrder(bench, 'emergency without any AstDB function', 'B', '911');
  await expectOrder(bench, 'static order without any AstDB function', 'A', NATIONAL);
  await pbx.console('module load func_db.so');
}

/** Ceilings, full trunks and hostile tenants stop ordinary calls, and no emergency call. Leaves the guarded include in place. */
async function checkGuardedEmergency(bench: DialplanBench): Promise<void> {
  const { b, lab, pbx, places, config } = bench;
  await pbx.configure({ ...config, include: renderedInclude(guardedInput(places)) });
  await pbx.reload();
  await expectOrder(bench, 'guarded: a call above its ceiling goes nowhere', '', NATIONAL);
  const before = b.invites().length;
  const held = bench.place({ number: '0801234567', holdMs: 5000 });
  await pollUntil('the held call at its provider', () => b.invites().length > before, { timeoutMs: 5000 });
  const full = await expectOrder(bench, 'guarded: a full trunk takes no second call', '', '0801234567');
  lab.check('and the caller is refused', full.status === 503, summary(full));
  const callers = ['acme', 'hostile', 'capped', 'acme', 'hostile'] as const;
  const emergencies = await Promise.all(callers.map(async (caller) => await bench.place('112', caller)));
  const outcome = emergencies.map(({ status }) => status);
  const invites = b
    .invites()
    .slice(before)
    .filter(({ requestUri }) => requestUri.startsWith('sip:112@'));
  const isThrough = outcome.every((status) => status === 200) && invites.length === callers.length;
  lab.check('guarded: five emergency calls at once pass a full, paced and priced trunk', isThrough, { outcome });
  const shown = invites.map(({ fromUser, asserted }) => `${fromUser} ${asserted}`).toSorted();
  const [ofTenant, ofOthers] = ['+4930222002', '+4930222000'].map(
    (number) => `${number} <sip:${number}@b.example.net>`,
  );
  const wanted = [ofOthers, ofOthers, ofOthers, ofTenant, ofTenant];
  lab.check(
    'each with the number of its tenant by account code, the hostile ones with that of all others',
    shown.join() === wanted.join(),
    { shown },
  );
  const first = await held;
  lab.check('and the held call was not disturbed', first.status === 200, summary(first));
  lab.check('no hostile text was run', !existsSync(join(pbx.folder, 'run/pwned')));
}

/** How long a silent provider holds a call with PJSIP's own timers, and that one which rings late rings through with them. */
async function checkDefaultTimers(bench: DialplanBench): Promise<void> {
  const { a, lab, pbx, config, places } = bench;
  await pbx.stop();
  await pbx.configure({ ...config, include: renderedInclude(dialplanInput(places)), timerT1Ms: 500 });
  await pbx.start();
  await a.setInvite({ kind: 'ignore' });
  const late = checkLateRinging(bench, 'default timers');
  const silent = await expectOrder(
    bench,
    'a silent edge with default timers falls over at timer B',
    'AB',
    '0151234567',
  );
  await late;
  lab.check('after 32 s', silent.tookMs >= 31_500 && silent.tookMs < 34_000, { tookMs: silent.tookMs });
  await a.setInvite({ kind: 'accept' });
}

/** The include on a real Asterisk against two providers, seen from a phone and from the providers' own records. */
export const scenario: Scenario = {
  name: 'dialplan',
  smoke: true,
  run: async (lab, isFull) => {
    const bench = await dialplanBench(lab);
    await startLateRinger(lab, bench.a.host, 8000);
    const late = checkLateRinging(bench, 'timer B of 6.4 s');
    await checkRoutes(bench);
    await checkMalformedRoutes(bench);
    await late;
    await checkShares(bench);
    await checkFallbackTimes(bench, isFull ? 3 : 1);
    await checkReroutes(bench);
    await checkFormats(bench);
    await checkRerouteRules(bench, isFull);
    await checkLocalForm(bench);
    await checkCapacity(bench);
    await checkCeilings(bench);
    await checkRefusals(bench);
    await checkCallers(bench, isFull);
    await checkRecipes(bench);
    await checkEmergency(bench);
    await checkGuardedEmergency(bench);
    if (isFull) {
      await checkInstall(bench);
      await checkDefaultTimers(bench);
    }
    lab.check('no call is left over', (await bench.pbx.activeChannels()) === 0, {});
  },
};
