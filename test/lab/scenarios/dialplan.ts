// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import type { DialplanInput } from '../../../probes/asterisk/dialplan/input.ts';
import { renderDialplan } from '../../../probes/asterisk/dialplan/render.ts';
import type { AsteriskInstance } from '../asterisk-instance.ts';
import type { Lab } from '../lab.ts';
import type { Call, CallOutcome } from '../phone.ts';
import type { Provider, ReceivedInvite } from '../provider.ts';
import type { Scenario } from '../scenario.ts';

/** A call with what reached which provider during it. */
type Traced = CallOutcome & { readonly atA: readonly ReceivedInvite[]; readonly atB: readonly ReceivedInvite[] };

type Bench = {
  readonly lab: Lab;
  readonly pbx: AsteriskInstance;
  readonly a: Provider;
  readonly b: Provider;
  readonly place: (call: Call | string) => Promise<Traced>;
};

const NATIONAL = '030123456';
const FAR_FUTURE = '9999999999';

function input(a: Provider, b: Provider): DialplanInput {
  const [addressA] = a.host.addresses;
  const [addressB, secondB = ''] = b.host.addresses;
  const pass = { rule: 'pass' } as const;
  return {
    trunks: [
      {
        trunk: 'alpha-1',
        endpoint: 'alpha',
        edges: [{ edge: 'e1', dialUri: `sip:{number}@${addressA}:5060` }],
        numberTemplate: '+{e164}',
        callerId: pass,
        dialTimeoutS: 3,
      },
      {
        trunk: 'beta',
        endpoint: 'beta',
        edges: [{ edge: 'e1' }],
        numberTemplate: '00{e164}',
        callerId: { rule: 'fixed', number: '+4930555000' },
        dialTimeoutS: 30,
      },
      {
        trunk: 'gamma',
        endpoint: 'beta',
        edges: [
          { edge: 'e1', dialUri: `sip:{number}@${addressA}:5060` },
          { edge: 'e2', dialUri: `sip:{number}@${secondB}:5060` },
        ],
        numberTemplate: '9711{e164}',
        callerId: pass,
        dialTimeoutS: 30,
      },
      {
        trunk: 'refused-tcp',
        endpoint: 'beta',
        edges: [{ edge: 'e1', dialUri: `sip:{number}@${addressB}:5999;transport=tcp` }],
        numberTemplate: '+{e164}',
        callerId: pass,
        dialTimeoutS: 30,
      },
      {
        trunk: 'no-endpoint',
        endpoint: 'missing',
        edges: [{ edge: 'e1' }],
        numberTemplate: '+{e164}',
        callerId: pass,
        dialTimeoutS: 30,
      },
    ],
    classes: [
      { class: 'national', prefixes: ['49'], trunks: ['alpha-1', 'beta'] },
      { class: 'mobile', prefixes: ['4915', '4916'], trunks: ['gamma'] },
      { class: 'broken', prefixes: ['4919'], trunks: ['no-endpoint', 'refused-tcp', 'beta'] },
    ],
    emergency: { numbers: ['112', '911'], trunks: ['beta', 'alpha-1'] },
    dialRules: [
      { prefix: '00', strip: 2, prepend: '' },
      { prefix: '+', strip: 1, prepend: '' },
      { prefix: '0', strip: 1, prepend: '49' },
    ],
  };
}

async function setUp(lab: Lab): Promise<Bench> {
  const a = await lab.addProvider('provider-a');
  const b = await lab.addProvider('provider-b', 2);
  const phone = await lab.addPhone('phone');
  const pbx = await lab.addPbx('pbx1');
  const rendered = renderDialplan(input(a, b));
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.faults));
  await pbx.configure({
    address: pbx.host.addresses[0],
    trunks: [
      { endpoint: 'alpha', address: a.host.addresses[0] },
      { endpoint: 'beta', address: b.host.addresses[0] },
    ],
    phoneAddresses: phone.host.addresses,
    ami: { user: 'trunkward', secret: 'lab' },
    include: rendered.text,
  });
  const bootMs = await pbx.start();
  lab.check(
    'Asterisk loads the include',
    (await pbx.console('dialplan show trunkward-route')).includes('TRUNKWARD_VALUE'),
    {
      bootMs: Math.round(bootMs),
    },
  );
  const place = async (call: Call | string): Promise<Traced> => {
    const [beforeA, beforeB] = [a.invites().length, b.invites().length];
    const outcome = await phone.call(pbx.host.addresses[0], typeof call === 'string' ? { number: call } : call);
    return { ...outcome, atA: a.invites().slice(beforeA), atB: b.invites().slice(beforeB) };
  };
  return { lab, pbx, a, b, place };
}

function summary({ status, provisional, tookMs, atA, atB }: Traced): Readonly<Record<string, unknown>> {
  return {
    status,
    provisional,
    tookMs,
    a: atA.map(({ requestUri }) => requestUri),
    b: atB.map(({ requestUri }) => requestUri),
  };
}

/** `A`, `B`, `AB` (A, then B) or `BA`, or an empty text when nobody was called. */
function order({ atA, atB }: Traced): string {
  return [
    ...atA.map(({ receivedAtEpochMs }) => ({ at: receivedAtEpochMs, name: 'A' })),
    ...atB.map(({ receivedAtEpochMs }) => ({ at: receivedAtEpochMs, name: 'B' })),
  ]
    .toSorted((one, other) => one.at - other.at)
    .map(({ name }) => name)
    .join('');
}

async function expectOrder(
  bench: Bench,
  name: string,
  wanted: string,
  call: Call | string = NATIONAL,
): Promise<Traced> {
  const traced = await bench.place(call);
  bench.lab.check(name, order(traced) === wanted, { wanted, got: order(traced), ...summary(traced) });
  return traced;
}

async function checkRoutes(bench: Bench): Promise<void> {
  const { pbx, lab } = bench;
  const first = await expectOrder(bench, 'with an empty AstDB the static order holds', 'A');
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
  const second = await expectOrder(bench, 'the route value is followed', 'B');
  const [atB] = second.atB;
  lab.check(
    'number template and caller ID (fixed) arrive',
    atB?.requestUri.startsWith('sip:004930123456@') === true && atB.fromUser === '+4930555000',
    { ...atB },
  );
  await pbx.databasePut('trunkward', 'route/national', '2:7.43:gamma/100,nobody/5,beta/1');
  await expectOrder(bench, 'unknown trunks and trunks of another class are passed over', 'B');

  await pbx.databasePut('trunkward', 'route/national', '2:7.44:alpha-1/0,beta/1');
  await expectOrder(bench, 'weight 0 is standby even when listed first', 'B');

  await pbx.databasePut('trunkward', 'route/national', '2:7.45:alpha-1/1,beta/1');
  await pbx.databasePut('trunkward', 'down/alpha-1', FAR_FUTURE);
  await expectOrder(bench, 'a trunk marked down is skipped', 'B');
  await pbx.databasePut('trunkward', 'route/national', '2:7.46:alpha-1/1,beta/0');
  await pbx.databasePut('trunkward', 'down/beta', FAR_FUTURE);
  await expectOrder(bench, 'marks that would empty the route are ignored', 'A');
  lab.check('and an event says so', (await pbx.log()).includes('TrunkwardPanic,Class: national'));
  await pbx.databasePut('trunkward', 'down/alpha-1', `${Math.floor(Date.now() / 1000) - 1}`);
  await expectOrder(bench, 'an expired mark is ignored', 'A');
  for (const [index, value] of ['soon', '99999999999999999999', '-1', '1 | 1'].entries()) {
    await pbx.databasePut('trunkward', 'down/alpha-1', value);
    await expectOrder(bench, `malformed mark ${index + 1} is ignored`, 'A');
  }
  await pbx.databaseClear();
}

async function checkMalformedRoutes(bench: Bench): Promise<void> {
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
    await expectOrder(bench, `route value ${JSON.stringify(value)} gives the static order`, 'A');
  }
  await bench.pbx.databaseClear();
}

async function checkShares(bench: Bench): Promise<void> {
  await bench.pbx.databasePut('trunkward', 'route/national', '2:7.50:alpha-1/70,beta/30');
  const [beforeA, beforeB] = [bench.a.invites().length, bench.b.invites().length];
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(Array.from({ length: 10 }, async () => await bench.place(NATIONAL)));
  }
  const [toA, toB] = [bench.a.invites().length - beforeA, bench.b.invites().length - beforeB];
  // 40 draws at 0.7: outside 15..38 less than once in 10^4 runs.
  bench.lab.check('weights 70 and 30 share the calls', toA + toB === 40 && toA >= 15 && toA <= 38, { toA, toB });
  await bench.pbx.databaseClear();
}

async function checkReroutes(bench: Bench): Promise<void> {
  const { a, b, lab } = bench;
  for (const status of [408, 500, 502, 503, 504]) {
    await a.setInvite({ kind: 'refuse', status });
    const traced = await expectOrder(bench, `${status} falls over`, 'AB');
    if (status !== 503) continue;
    const [one, other] = [traced.atA[0]?.callId, traced.atB[0]?.callId];
    lab.check('every attempt has a Call-ID of its own', one !== undefined && other !== undefined && one !== other, {
      one,
      other,
    });
  }
  for (const status of [302, 400, 403, 404, 480, 484, 486, 487, 501, 505, 600, 603, 606]) {
    await a.setInvite({ kind: 'refuse', status });
    const traced = await expectOrder(bench, `${status} is final`, 'A');
    lab.check(`${status} reaches the caller as a refusal`, (traced.status ?? 0) >= 400, { caller: traced.status });
  }
  for (const first of [180, 181, 183] as const) {
    await a.setInvite({ kind: 'refuse', status: 503, first });
    await expectOrder(bench, `503 after ${first} is final`, 'A');
  }
  await a.setInvite({ kind: 'ignore' });
  const silent = await expectOrder(bench, 'a silent trunk falls over at its dial time-out of 3 s', 'AB');
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
  const trying = await expectOrder(bench, '100 and then silence falls over', 'AB');
  lab.check('at the dial time-out', trying.tookMs >= 2900 && trying.tookMs < 4000, { tookMs: trying.tookMs });
  await a.setInvite({ kind: 'ring' });
  const ringing = await expectOrder(bench, 'ringing until the dial time-out is final', 'A');
  lab.check('and the caller gets 480', ringing.status === 480, { caller: ringing.status });
  await a.setInvite({ kind: 'accept' });
  const broken = await expectOrder(bench, 'a missing endpoint and a refused connection fall over', 'B', '0190123456');
  lab.check('without a wait', broken.tookMs < 1000, { tookMs: broken.tookMs });
  for (const provider of [a, b]) await provider.setInvite({ kind: 'refuse', status: 503 });
  const all = await expectOrder(bench, 'all trunks are tried once', 'AB');
  lab.check('and the caller gets 503', all.status === 503, { caller: all.status });
  for (const provider of [a, b]) await provider.setInvite({ kind: 'accept' });
}

async function checkRefusals(bench: Bench): Promise<void> {
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

async function checkEmergency(bench: Bench): Promise<void> {
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
  await expectOrder(bench, 'static order without any AstDB function', 'A');
  await pbx.console('module load func_db.so');
}

/** The include on a real Asterisk against two providers, seen from a phone and from the providers' own records. */
export const scenario: Scenario = {
  name: 'dialplan',
  smoke: true,
  run: async (lab) => {
    const bench = await setUp(lab);
    await checkRoutes(bench);
    await checkMalformedRoutes(bench);
    await checkShares(bench);
    await checkReroutes(bench);
    await checkRefusals(bench);
    await checkEmergency(bench);
    lab.check('no call is left over', (await bench.pbx.activeChannels()) === 0, {});
  },
};
