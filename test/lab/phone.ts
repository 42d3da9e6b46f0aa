import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from './host-process.ts';
import type { Host } from './network.ts';
import { phoneScenario } from './phone-scenario.ts';
import type { RunRecorder } from './run-record.ts';

/** A call to place. `number` goes into the request URI as it is, hostile characters included. */
export type Call = {
  readonly number: string;
  /** User part of From (default `200`). */
  readonly from?: string;
  /** Display name of From, between quotes as it is; none when absent. */
  readonly fromName?: string;
  /** Milliseconds from answer to BYE (default 200). */
  readonly holdMs?: number;
  /** Give up after this many milliseconds without a final answer (default 60,000). */
  readonly timeoutMs?: number;
};

/** What the phone saw. */
export type CallOutcome = {
  /** Final status of the INVITE; `undefined` when none came in time. */
  readonly status: number | undefined;
  /** Provisional statuses in order, 100 left out, repeats left out. */
  readonly provisional: readonly number[];
  /** INVITE sent, by the wall clock of this machine. */
  readonly sentAtEpochMs: number;
  /** INVITE to final status, milliseconds. */
  readonly tookMs: number;
};

type LoggedMessage = { readonly atEpochMs: number; readonly direction: string; readonly text: string };

/** Reads SIPp's message log: a line of dashes with the local date and time, then direction, then the message. */
function readMessages(log: string): readonly LoggedMessage[] {
  const head = /^-{20,} (\d{4}-\d\d-\d\d)[T\t ](\d\d:\d\d:\d\d\.\d+).*\n\S+ message (sent|received).*\n\n/gm;
  const heads = [...log.matchAll(head)];
  return heads.map((match, index) => ({
    atEpochMs: new Date(`${match[1]}T${match[2]?.slice(0, 12)}`).getTime(),
    direction: match[3] ?? '',
    text: log.slice(match.index + match[0].length, heads[index + 1]?.index),
  }));
}

/**
 * Phones on one host, each call a SIPp process of its own that speaks real SIP to a PBX.
 *
 * @see SIPp documentation, `-trace_msg`
 */
export class Phone {
  readonly host: Host;
  readonly #folder: string;
  readonly #recorder: RunRecorder;
  #callCount = 0;

  constructor(host: Host, folder: string, recorder: RunRecorder) {
    this.host = host;
    this.#folder = folder;
    this.#recorder = recorder;
  }

  /**
   * Places many calls from one SIPp process, signalling only, and waits until all have ended. Somebody must refuse each of
   * them; what came of them is seen at the providers.
   */
  async callMany(pbxAddress: string, call: Call, pace: { count: number; perSecond: number }): Promise<void> {
    this.#callCount += 1;
    const folder = join(this.#folder, `calls-${this.#callCount}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'call.xml'), phoneScenario(call));
    const [address] = this.host.addresses;
    const place = ['-i', address, '-p', '5999', '-mp', '19000'];
    const limits = [
      '-m',
      `${pace.count}`,
      '-r',
      `${pace.perSecond}`,
      '-l',
      `${pace.count}`,
      '-nostdin',
      '-timeout',
      '60s',
    ];
    const sipp = startProcess(
      this.host,
      {
        name: `calls ${this.#callCount} of ${this.host.name}`,
        argv: ['sipp', `${pbxAddress}:5060`, '-sf', 'call.xml', ...place, ...limits],
        logPath: join(folder, 'sipp.log'),
        cwd: folder,
      },
      this.#recorder,
    );
    await sipp.ended;
  }

  /** Places one call and waits for its end. Calls may run at the same time. */
  async call(pbxAddress: string, call: Call): Promise<CallOutcome> {
    this.#callCount += 1;
    const number = this.#callCount;
    const folder = join(this.#folder, `call-${number}`);
    await mkdir(folder, { recursive: true });
    const scenarioPath = join(folder, 'call.xml');
    const messagesPath = join(folder, 'messages.log');
    await writeFile(scenarioPath, phoneScenario(call));
    const timeoutMs = call.timeoutMs ?? 60_000;
    const [address] = this.host.addresses;
    const argv = [
      'sipp',
      `${pbxAddress}:5060`,
      '-sf',
      scenarioPath,
      '-i',
      address,
      '-p',
      `${6000 + (number % 3000) * 2}`,
    ];
    const limits = ['-m', '1', '-nostdin', '-timeout', `${Math.ceil(timeoutMs / 1000)}s`, '-timeout_error'];
    const sipp = startProcess(
      this.host,
      {
        name: `call ${number} of ${this.host.name}`,
        argv: [
          ...argv,
          ...limits,
          '-trace_msg',
          '-message_file',
          messagesPath,
          '-mp',
          `${20000 + (number % 3000) * 4}`,
        ],
        logPath: join(folder, 'sipp.log'),
        cwd: folder,
      },
      this.#recorder,
    );
    await sipp.ended;
    const messages = readMessages(await readFile(messagesPath, 'utf8').catch(() => ''));
    const invite = messages.find(({ text }) => text.startsWith('INVITE'));
    if (invite === undefined) throw new Error(`SIPp sent no INVITE: ${sipp.log.slice(-800)}`);
    const replies = messages.flatMap(({ atEpochMs, direction, text }) => {
      const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0);
      return direction === 'received' && status > 100 && /^CSeq:\s*\d+ INVITE/im.test(text)
        ? [{ atEpochMs, status }]
        : [];
    });
    const final = replies.find(({ status }) => status >= 200);
    return {
      status: final?.status,
      provisional: [...new Set(replies.filter(({ status }) => status < 200).map(({ status }) => status))],
      sentAtEpochMs: invite.atEpochMs,
      tookMs: (final?.atEpochMs ?? invite.atEpochMs + timeoutMs) - invite.atEpochMs,
    };
  }
}
