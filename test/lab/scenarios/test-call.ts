import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestCallMeasurement } from '../../../wire/rtp-measurement.ts';
import type { AsteriskInstance } from '../asterisk-instance.ts';
import type { HostProcess } from '../host-process.ts';
import type { Lab } from '../lab.ts';
import type { Host } from '../network.ts';
import { pollUntil } from '../poll.ts';
import type { Provider } from '../provider.ts';
import type { Scenario } from '../scenario.ts';
import { CALLER_NAME, type CallerSpec } from '../test-call-program.ts';

const PROGRAM = join(import.meta.dirname, '../test-call-program.ts');
const PASSWORD = 'lab-secret';
const TALK_MS = 9000;
/** Loss begins so long after the answer and lasts so long: it ends well before the last packet and the last report. */
const LOSS_AFTER_MS = 1500;
const LOSS_FOR_MS = 3500;
const PERCENT = 20;

type Call = Partial<CallerSpec> & Pick<CallerSpec, 'address' | 'number'>;

/** The caller's host and the two providers that it calls. */
type Bench = {
  readonly lab: Lab;
  readonly caller: Host;
  readonly sipp: Provider;
  readonly asterisk: AsteriskInstance;
};

/** Started programs are numbered, so that each has a log of its own. */
async function startCall({ caller, lab }: Bench, call: Call): Promise<HostProcess> {
  const spec: CallerSpec = {
    task: 'place',
    far: 'echo',
    talkMs: TALK_MS,
    ringMs: 3000,
    dataDir: await lab.subfolder('caller'),
    ...call,
  };
  const name = `caller ${performance.now().toFixed(0)}`;
  const argv = [process.execPath, PROGRAM, JSON.stringify(spec)];
  return lab.start(caller, { name, argv, logPath: join(lab.folder, `${name.replace(' ', '-')}.log`) });
}

function linesOf(program: HostProcess): readonly Record<string, unknown>[] {
  return [...program.log.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line) as Record<string, unknown>);
}

/** What a program told of its call; it has ended by then, so the next may open the same journal. */
async function measured(program: HostProcess, timeoutMs = 45_000): Promise<TestCallMeasurement> {
  await pollUntil('a caller has ended', () => !program.isRunning, { timeoutMs, intervalMs: 50 });
  const found = linesOf(program).find((line) => 'measurement' in line);
  if (!found) throw new Error(program.log);
  return found['measurement'] as TestCallMeasurement;
}

async function waitForAnswer({ asterisk, sipp }: Bench, isSipp: boolean, before: number): Promise<void> {
  await pollUntil(
    'the call has begun',
    async () => (isSipp ? sipp.invites().length > before : (await asterisk.activeChannels()) > 0),
    { timeoutMs: 15_000, intervalMs: 100 },
  );
}

/** One call with loss in one direction from after its first packet to before its last; gives what the kernel dropped. */
async function withLoss(bench: Bench, call: Call, direction: 'forward' | 'reverse') {
  const { caller, lab, sipp } = bench;
  const isSipp = call.address === sipp.host.addresses[0];
  const before = sipp.invites().length;
  const program = await startCall(bench, call);
  await waitForAnswer(bench, isSipp, before);
  await delay(LOSS_AFTER_MS);
  const [own] = caller.addresses;
  const [from, to] = direction === 'forward' ? [own, call.address] : [call.address, own];
  const [rule] = await lab.network.loss.drop({ from, to, percent: PERCENT, isMediaOnly: true });
  await delay(LOSS_FOR_MS);
  await rule?.remove();
  const dropped = (await rule?.counter())?.droppedPackets ?? 0;
  return { measurement: await measured(program), dropped };
}

/** Kamailio in front of SIPp, which gives back every packet as it came. */
async function runSipp(bench: Bench): Promise<void> {
  const { lab, sipp } = bench;
  const [address] = sipp.host.addresses;
  for (const direction of ['forward', 'reverse'] as const) {
    const { dropped, measurement } = await withLoss(bench, { address, number: '4411' }, direction);
    const { endedBy, outcome, received, receivedCovers, rttMs } = measurement;
    lab.check(
      `echo of SIPp, ${PERCENT} % lost ${direction}: what is told lost was dropped, to the packet`,
      outcome === 'answered' && endedBy === 'bye' && receivedCovers === 'round-trip' && received?.lost === dropped,
      {
        outcome,
        endedBy,
        receivedCovers,
        dropped,
        lost: received?.lost,
        expected: received?.expected,
        lossRuns: received?.lossRuns,
        rttMs,
        pacingLateP99Ms: received?.pacingLateP99Ms,
      },
    );
  }
  for (const status of [403, 404]) {
    await sipp.setInvite({ kind: 'refuse', status });
    const { costMicros, endedBy, outcome, statusCode } = await measured(
      await startCall(bench, { address, number: '4411' }),
    );
    lab.check(`a refusal by ${status} is told and costs nothing`, outcome === 'rejected' && statusCode === status, {
      outcome,
      statusCode,
      endedBy,
      costMicros,
    });
  }
  await sipp.setInvite({ kind: 'accept' });
}

/** An Asterisk that asks for digest credentials and sends RTCP of its own. */
async function runAsterisk(bench: Bench): Promise<void> {
  const { asterisk, lab } = bench;
  const [address] = asterisk.host.addresses;
  const call = { address, password: PASSWORD };
  const echo = await withLoss(bench, { ...call, number: '4411' }, 'forward');
  const { forward, received, rttMs } = echo.measurement;
  const isEchoRight = echo.measurement.outcome === 'answered' && received?.lost === echo.dropped;
  lab.check('echo of Asterisk: the losses of both ways are those dropped', isEchoRight, {
    dropped: echo.dropped,
    lost: received?.lost,
    expected: received?.expected,
    covers: echo.measurement.receivedCovers,
    rttMs,
  });
  lab.check("its RTCP tells the forward direction's losses to the packet", forward?.lost === echo.dropped, {
    dropped: echo.dropped,
    forward,
  });
  const tone = await withLoss(bench, { ...call, number: '4422', far: 'tone' }, 'reverse');
  const isToneRight =
    tone.measurement.receivedCovers === 'reverse' &&
    tone.measurement.received?.lost === tone.dropped &&
    tone.measurement.forward?.lost === 0;
  lab.check('tone of Asterisk: the way back alone has lost what was dropped', isToneRight, {
    dropped: tone.dropped,
    lost: tone.measurement.received?.lost,
    expected: tone.measurement.received?.expected,
    forward: tone.measurement.forward,
  });
  const ringing = await measured(await startCall(bench, { ...call, number: '4433', ringMs: 2000 }));
  await pollUntil('the ringing call is gone', async () => (await asterisk.activeChannels()) === 0, {
    timeoutMs: 10_000,
  });
  lab.check('a number that rings is cancelled', ringing.endedBy === 'cancel' && ringing.statusCode === 487, {
    outcome: ringing.outcome,
    pddMs: ringing.pddMs,
    statusCode: ringing.statusCode,
  });
  const refused = await measured(await startCall(bench, { ...call, number: '4411', password: 'wrong' }));
  lab.check('wrong credentials are refused', refused.outcome === 'rejected' && refused.statusCode === 401, {
    statusCode: refused.statusCode,
  });
}

/** The caller is killed while the call is up, and while it rings; its next run ends both. */
async function runKilled(bench: Bench): Promise<void> {
  const { asterisk, lab } = bench;
  const [address] = asterisk.host.addresses;
  for (const [what, number] of [
    ['up', '4411'],
    ['ringing', '4433'],
  ] as const) {
    const dataDir = await lab.subfolder(`killed-${what}`);
    const call = { address, number, password: PASSWORD, dataDir, talkMs: 50_000, ringMs: 50_000 };
    const program = await startCall(bench, call);
    await pollUntil(
      `the call is ${what}`,
      async () => (await asterisk.console('core show channels')).includes(what === 'up' ? '    Up ' : ' Ring'),
      { timeoutMs: 15_000, intervalMs: 100 },
    );
    await delay(500);
    program.signal('SIGKILL');
    await program.ended;
    const upBefore = await asterisk.activeChannels();
    const { endedBy, outcome } = await measured(await startCall(bench, { ...call, task: 'recover' }));
    const upAfter = await asterisk.activeChannels();
    lab.check(
      `a call that was ${what} when its probe was killed is ended by the next run`,
      upBefore === 1 && upAfter === 0 && outcome === 'recovered' && endedBy !== 'gave-up',
      { upBefore, upAfter, endedBy },
    );
  }
}

/** Test calls of the product to two real providers, against the kernel's own count of what it dropped. */
export const scenario: Scenario = {
  name: 'test-call',
  smoke: false,
  run: async (lab) => {
    const sipp = await lab.addProvider('provider-s');
    await sipp.hideAnswerer();
    const asterisk = await lab.addPbx('provider-a');
    const caller = await lab.addHost('caller');
    await asterisk.configure({
      address: asterisk.host.addresses[0],
      trunks: [
        {
          endpoint: 'caller',
          address: caller.addresses[0],
          inboundAuth: { username: CALLER_NAME, password: PASSWORD },
        },
      ],
      phoneAddresses: [],
      ami: { user: 'trunkward', secret: 'lab' },
      rtcpIntervalMs: 1000,
      testNumbers: { '4411': 'echo', '4422': 'tone', '4433': 'ring' },
    });
    await asterisk.start();
    const bench: Bench = { lab, caller, sipp, asterisk };
    await runSipp(bench);
    await runAsterisk(bench);
    await runKilled(bench);
  },
};
