// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Asterisk writes its own variables this way.
import { type DialplanBench, delayToB, expectOrder, order, summary } from './dialplan-bench.ts';

const FAR_FUTURE = '9999999999';
const CALLS = 200;
const NATIONAL = '030123456';

/** Display names that must do nothing but be shown. */
const HOSTILE_NAMES = ['x&PJSIP/beta', '${SHELL(touch /srv/run/pwned)}', '$),1,i', "x'; DROP"] as const;

async function acceptAll({ a, b }: DialplanBench): Promise<void> {
  for (const provider of [a, b]) await provider.setInvite({ kind: 'accept' });
}

/** Places calls that whoever they reach first refuses for good, and counts them. */
async function sharesOf(
  bench: DialplanBench,
  number: string,
  count: number,
): Promise<{ readonly toA: number; readonly toB: number }> {
  const { a, b, pbx, phones } = bench;
  for (const provider of [a, b]) await provider.setInvite({ kind: 'refuse', status: 603 });
  const [beforeA, beforeB] = [a.invites().length, b.invites().length];
  await phones.acme.callMany(pbx.host.addresses[0], { number }, { count, perSecond: 40 });
  const shares = { toA: a.invites().length - beforeA, toB: b.invites().length - beforeB };
  await acceptAll(bench);
  return shares;
}

/** Weights, a canary's share, and edges that are drawn, over calls that are signalling alone. */
export async function checkShares(bench: DialplanBench): Promise<void> {
  const { lab, pbx } = bench;
  await pbx.databasePut('trunkward', 'route/national', '2:7.50:alpha-1/70,beta/30');
  const weights = await sharesOf(bench, NATIONAL, CALLS);
  // Binomial (200, 0.7): outside 111 to 169 less than once in 10^5 runs.
  const isFair = weights.toA + weights.toB === CALLS && weights.toA >= 111 && weights.toA <= 169;
  lab.check('weights 70 and 30 share 200 calls', isFair, weights);
  await pbx.databasePut('trunkward', 'route/national', '2:7.51:alpha-1/95,beta/5');
  const canary = await sharesOf(bench, NATIONAL, CALLS);
  // Binomial (200, 0.05): outside 1 to 26 less than once in 10^4 runs.
  const isCanary = canary.toA + canary.toB === CALLS && canary.toB >= 1 && canary.toB <= 26;
  lab.check('a canary of 5 % gets its share of 200 calls', isCanary, canary);
  await pbx.databaseClear();
  const edges = await sharesOf(bench, '0241234567', 30);
  // Binomial (30, 0.5): outside 3 to 27 less than once in 10^5 runs.
  const isDrawn = edges.toA + edges.toB === 30 && edges.toA >= 3 && edges.toB >= 3;
  lab.check('edges drawn at random share the calls', isDrawn, edges);
  await bench.a.setInvite({ kind: 'refuse', status: 503 });
  for (let round = 0; round < 3; round += 1) {
    const traced = await bench.place('0241234567');
    const isGood = traced.status === 200 && traced.atB.length === 1;
    lab.check('whichever edge is drawn, the sound one gets the call', isGood, summary(traced));
  }
  await acceptAll(bench);
}

/** How soon the next trunk is dialled once it is plain that this one will not do. */
export async function checkFallbackTimes(bench: DialplanBench, rounds: number): Promise<void> {
  const { a, lab, pbx } = bench;
  const measure = async (name: string, number: string, wanted: string): Promise<void> => {
    const delaysMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      delaysMs.push(delayToB(await expectOrder(bench, `${name}, ${round + 1}`, wanted, number)));
    }
    const slowestMs = Math.max(...delaysMs);
    const isSoon = slowestMs <= 1500;
    lab.check(`${name}: the next trunk within 1.5 s of the caller's INVITE`, isSoon, { slowestMs, delaysMs });
  };
  await a.setInvite({ kind: 'refuse', status: 503 });
  await measure('after an error reply', NATIONAL, 'AB');
  await a.setInvite({ kind: 'accept' });
  await measure('after a missing endpoint and a refused transport', '0190123456', 'B');
  await pbx.databasePut('trunkward', 'down/alpha-1', FAR_FUTURE);
  await measure('past a mark', NATIONAL, 'B');
  await pbx.databaseClear();
}

/** Two providers that want numbers, callers and codecs in ways of their own. */
export async function checkFormats(bench: DialplanBench): Promise<void> {
  const { a, b, lab } = bench;
  await a.setInvite({ kind: 'refuse', status: 503 });
  await b.letThrough('+4930222001');
  const refused = 'formats: a provider that refuses a foreign caller is passed over where 403 may be';
  const home = await expectOrder(bench, refused, 'ABB', '0201234567');
  const [atA] = home.atA;
  const [foreign, own] = home.atB;
  lab.check('the first gets the national form', atA?.requestUri.startsWith('sip:0201234567@') === true, { ...atA });
  lab.check('the caller as he is, and the identity asserted', atA?.fromUser === '200', { ...atA });
  lab.check('P-Asserted-Identity', atA?.asserted === '<sip:+4930111000@a.example.net>', { ...atA });
  lab.check('and its codecs in their order', / RTP\/AVP 8 0( |$)/.test(atA?.media ?? ''), { media: atA?.media });
  lab.check('the second was shown a foreign caller', foreign?.fromUser === '200', { ...foreign });
  const isOwn = own?.fromUser === '+4930222001' && own.requestUri.startsWith('sip:+49201234567@');
  lab.check('and then the tenant’s own number, with E.164 dialled', isOwn, { ...own });
  const isBare = own?.asserted === '<null>' && / RTP\/AVP 0( |$)/.test(own.media);
  lab.check('what one trunk asserts and offers stays its own', isBare, { ...own });
  lab.check('and the call stands', home.status === 200, summary(home));

  const abroad = await expectOrder(bench, 'formats: abroad', 'AB', '0033123456789');
  const [abroadA, abroadB] = [abroad.atA[0]?.requestUri ?? '', abroad.atB[0]?.requestUri ?? ''];
  const isAbroad = abroadA.startsWith('sip:0033123456789@') && abroadB.startsWith('sip:+33123456789@');
  lab.check('a number abroad is written the international way at both', isAbroad, summary(abroad));
  await b.letThrough('');

  const callers = [
    ['generated', '+4930222002'],
    ['plain', '+4930222000'],
    ['hostile', '+4930222000'],
  ] as const;
  for (const [caller, number] of callers) {
    const traced = await expectOrder(bench, `tenant of ${caller}: one call to each`, 'AB', '0033123456789', caller);
    lab.check(`shows ${number}`, traced.atB[0]?.fromUser === number, { ...traced.atB[0] });
  }
  await a.setInvite({ kind: 'accept' });
  const [withheld] = (await bench.place('0201234567', 'withheld')).atA;
  const isWithheld = withheld?.privacy === 'id' && withheld.fromUser === 'anonymous';
  lab.check('a caller who withholds his number is anonymous', isWithheld, { ...withheld });
  const isAsserted = withheld?.asserted === '<sip:+4930111000@a.example.net>';
  lab.check('and his provider is told who pays, to keep it to himself', isAsserted, { ...withheld });
  const second = await bench.place('0281234567');
  const isElsewhere = second.atB[0]?.sourceAddress === bench.pbx.host.addresses[1];
  lab.check('a trunk on an endpoint of its own goes out from another address', isElsewhere, { ...second.atB[0] });
}

/** What one trunk has said of its own about the reroute table. */
export async function checkRerouteRules(bench: DialplanBench, isFull: boolean): Promise<void> {
  const { a } = bench;
  const cases = [
    [{ status: 404 }, 'AB', '404 goes on where a trunk says so'],
    [{ status: 500 }, 'A', '500 is final where a trunk says so'],
    [{ status: 486 }, 'A', 'a busy callee is final'],
    [{ status: 603 }, 'A', '6xx is final'],
    [{ status: 503, first: 183 }, 'AB', '503 after an announcement goes on where a trunk says so'],
    [{ status: 404, first: 180 }, 'A', 'after ringing nothing goes on'],
    [{ status: 503, first: 181 }, 'A', 'nor after a forwarded call'],
    [{ status: 500, first: 183 }, 'A', 'what is final is so after an announcement too'],
  ] as const;
  // The smoke set takes those that a default would answer otherwise.
  for (const [mode, wanted, name] of isFull ? cases : [cases[0], cases[1], cases[4], cases[5]]) {
    await a.setInvite({ kind: 'refuse', ...mode });
    await expectOrder(bench, `own rules: ${name}`, wanted, '0033123456789');
  }
  await a.setInvite({ kind: 'accept' });
}

/** A trunk that another context dials. */
export async function checkLocalForm(bench: DialplanBench): Promise<void> {
  const { b, lab } = bench;
  const first = await expectOrder(bench, 'Local: the context dials', 'B', '0211234567');
  const isAnswered = first.status === 200 && first.provisional.includes(180);
  lab.check('and the answer comes back, with its ringing', isAnswered, summary(first));
  const cases = [
    [{ status: 503 }, 'BA', '503 falls over'],
    [{ status: 486 }, 'B', '486 is final'],
    [{ status: 603 }, 'B', '603 is final'],
    [{ status: 503, first: 180 }, 'B', 'after ringing nothing goes on'],
  ] as const;
  for (const [mode, wanted, name] of cases) {
    await b.setInvite({ kind: 'refuse', ...mode });
    await expectOrder(bench, `Local: ${name}`, wanted, '0211234567');
  }
  await b.setInvite({ kind: 'accept' });
}

/** What a trunk has room for. */
export async function checkCapacity(bench: DialplanBench): Promise<void> {
  const { a, b, lab } = bench;
  const together = async (number: string, count: number, holdMs: number) => {
    const [beforeA, beforeB] = [a.invites().length, b.invites().length];
    await Promise.all(Array.from({ length: count }, async () => await bench.place({ number, holdMs })));
    return { toA: a.invites().slice(beforeA), toB: b.invites().length - beforeB };
  };
  const narrow = await together('0221234567', 6, 2500);
  const isBounded = narrow.toA.length <= 2 && narrow.toA.length + narrow.toB === 6;
  const narrowed = { toA: narrow.toA.length, toB: narrow.toB };
  lab.check(
    'of six calls at once no more than two go to a trunk with room for two, and none is lost',
    isBounded,
    narrowed,
  );
  const again = await together('0221234567', 1, 100);
  lab.check('and its room is free again after them', again.toA.length === 1);

  const paced = await together('0231234567', 10, 100);
  const times = paced.toA.map(({ receivedAtEpochMs }) => receivedAtEpochMs).toSorted((one, other) => one - other);
  // Three in each second of the clock: any four of them reach into a second one, and any seven into a third.
  const seconds = Math.ceil(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000) + 1;
  const isPaced = times.length >= 3 && times.length <= 3 * seconds && times.length + paced.toB === 10;
  const pacedFigures = { toA: times.length, toB: paced.toB, seconds };
  lab.check('a trunk for three attempts a second gets no more, the next one the rest', isPaced, pacedFigures);
}

/** A ceiling holds on the first attempt and on each fallback. */
export async function checkCeilings(bench: DialplanBench): Promise<void> {
  const { a, lab, pbx } = bench;
  await expectOrder(bench, 'ceiling of a class: the trunk below it takes the call', 'A', '0261234567');
  await a.setInvite({ kind: 'refuse', status: 503 });
  const name = 'ceiling of a class: no fallback to a dearer trunk, nor to one of unknown price';
  const refused = await expectOrder(bench, name, 'A', '0261234567');
  lab.check('and the caller is refused', (refused.status ?? 0) >= 400, summary(refused));
  lab.check('and an event says so', (await pbx.log()).includes('TrunkwardTooDear,Trunk: strict-own,Class: priced'));
  await a.setInvite({ kind: 'accept' });
  await expectOrder(bench, 'without a ceiling the dearer trunk leads', 'B', '0271234567');
  await expectOrder(bench, 'ceiling of a caller: the dearer trunk is passed over', 'A', '0271234567', 'capped');
  await expectOrder(bench, 'ceiling of a caller that is no number: nobody is called', '', '0271234567', 'senseless');
}

/** The recipes of docs/dialplan.md, as they stand there. */
export async function checkRecipes(bench: DialplanBench): Promise<void> {
  const { a, lab } = bench;
  for (const caller of ['plain', 'generated', 'freepbx'] as const) {
    const traced = await expectOrder(bench, `recipe ${caller}: a call goes out`, 'A', NATIONAL, caller);
    lab.check('and is answered', traced.status === 200, summary(traced));
    await expectOrder(bench, `recipe ${caller}: an emergency call goes its own way`, 'B', '112', caller);
  }
  await a.setInvite({ kind: 'refuse', status: 503 });
  await expectOrder(bench, 'recipe freepbx: falls over inside its one trunk', 'AB', NATIONAL, 'freepbx');
  await a.setInvite({ kind: 'refuse', status: 486 });
  const busy = await expectOrder(bench, 'recipe freepbx: a busy callee', 'A', NATIONAL, 'freepbx');
  lab.check('is told as busy', busy.status === 486, summary(busy));
  await a.setInvite({ kind: 'accept' });
}

/** A trunk that takes 8 s to ring, under the shortest time-out that a configuration may have. Takes some 11 s. */
export async function checkLateRinging(bench: DialplanBench, timers: string): Promise<void> {
  const traced = await bench.phones.freepbx.call(bench.pbx.host.addresses[0], { number: '0251234567' });
  const isThrough = traced.status === 200 && traced.provisional.includes(180) && traced.tookMs >= 9500;
  bench.lab.check(`100, and 180 after 8 s: rings through and is answered (${timers})`, isThrough, { ...traced });
}

/** Hostile text in every field of a caller: what is dialled stays what we dial. */
export async function checkCallers(bench: DialplanBench, isFull: boolean): Promise<void> {
  const { lab } = bench;
  const numbers = [
    '200%26PJSIP%2Fbeta',
    '%24%7BSHELL(touch+%2Fsrv%2Frun%2Fpwned)%7D',
    '1)%5D%3Fi%2C1',
    '%22%20%24%5B1+1%5D',
    '200%0d%0aX-Evil:%201',
  ];
  for (const from of isFull ? numbers : numbers.slice(0, 2)) {
    const traced = await bench.place({ number: NATIONAL, from });
    const shown = decodeURIComponent(traced.atA[0]?.fromUser ?? '?');
    const isFiltered = order(traced) === 'A' && /^[0-9A-Za-z+*#._]*$/.test(shown);
    lab.check(`caller ${JSON.stringify(from)}: one call, his number filtered`, isFiltered, { ...traced.atA[0] });
  }
  for (const fromName of isFull ? HOSTILE_NAMES : HOSTILE_NAMES.slice(1, 2)) {
    const name = `caller's name ${JSON.stringify(fromName)}: one call`;
    const traced = await expectOrder(bench, name, 'A', { number: NATIONAL, fromName });
    const isAsked = traced.atA[0]?.requestUri.startsWith('sip:+4930123456@') === true;
    lab.check('to the number that was asked for', isAsked, { ...traced.atA[0] });
  }
}
