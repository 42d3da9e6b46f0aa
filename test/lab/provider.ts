import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { type HostProcess, startProcess } from './host-process.ts';
import { kamailioConfig } from './kamailio-config.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';
import type { RunRecorder } from './run-record.ts';

/** What the edge does with an OPTIONS: a status it answers with, or silence. */
export type OptionsMode = { readonly status: number } | 'ignore';

/**
 * What the edge does with an INVITE: `accept` relays to the answering machine behind it (rings, answers, echoes media);
 * `refuse` answers `status`, after the provisional statuses in `first`, if any; `ignore` is silence; `trying` answers 100 and
 * then nothing; `ring` answers 180 and then nothing.
 */
export type InviteMode =
  | { readonly kind: 'accept' }
  | { readonly kind: 'refuse'; readonly status: number; readonly first?: 180 | 181 | 183 }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'trying' }
  | { readonly kind: 'ring' };

/** One INVITE as the provider received it; retransmissions are not repeated. */
export type ReceivedInvite = {
  readonly requestUri: string;
  readonly callId: string;
  readonly fromUser: string;
  /** P-Asserted-Identity and Privacy as they came; `<null>` where there was none. */
  readonly asserted: string;
  readonly privacy: string;
  /** The `m=audio` line of the offer. */
  readonly media: string;
  readonly sourceAddress: string;
  readonly receivedAtEpochMs: number;
};

/** One OPTIONS as the provider received it. */
export type ReceivedOptions = {
  readonly receivedAtEpochMs: number;
  readonly sourceAddress: string;
  readonly userAgent: string;
};

/** The edge's own line; time as whole seconds since 1970 and microseconds after them. */
type LoggedInvite = Omit<ReceivedInvite, 'receivedAtEpochMs'> & {
  readonly cseq: string;
  readonly epochS: number;
  readonly epochUs: number;
};

/** A provider: a Kamailio edge on port 5060 of every address of its host, SIPp behind it on 5070. */
export class Provider {
  readonly host: Host;
  readonly #folder: string;
  readonly #recorder: RunRecorder;
  #edge: HostProcess | undefined;
  #answerer: HostProcess | undefined;

  constructor(host: Host, folder: string, recorder: RunRecorder) {
    this.host = host;
    this.#folder = folder;
    this.#recorder = recorder;
  }

  get edge(): HostProcess {
    if (this.#edge === undefined) throw new Error(`${this.host.name}: provider was not started`);
    return this.#edge;
  }

  /** Starts both and waits until both listen. Modes are `accept` and OPTIONS 200. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const configPath = join(this.#folder, 'kamailio.cfg');
    await writeFile(configPath, kamailioConfig(this.host, this.#controlSocket));
    const [address] = this.host.addresses;
    this.#edge = startProcess(
      this.host,
      {
        name: `kamailio on ${this.host.name}`,
        argv: ['kamailio', '-DD', '-E', '-f', configPath, '-m', '32', '-M', '4', '-Y', this.#folder],
        logPath: join(this.#folder, 'kamailio.log'),
      },
      this.#recorder,
    );
    this.#answerer = startProcess(
      this.host,
      {
        name: `sipp on ${this.host.name}`,
        argv: [
          'sipp',
          '-sn',
          'uas',
          '-rtp_echo',
          '-i',
          address,
          '-mi',
          address,
          '-p',
          '5070',
          '-mp',
          '30000',
          '-nostdin',
        ],
        logPath: join(this.#folder, 'sipp.log'),
        cwd: this.#folder,
      },
      this.#recorder,
    );
    await pollUntil(`${this.host.name} listens`, async () => await this.#isListening(), { timeoutMs: 15_000 });
    await pollUntil(`${this.host.name} takes commands`, async () => await this.#takesCommands(), { timeoutMs: 15_000 });
  }

  async setOptions(mode: OptionsMode): Promise<void> {
    await this.#set('options', mode === 'ignore' ? 0 : mode.status);
  }

  async setInvite(mode: InviteMode): Promise<void> {
    const [status, first] =
      mode.kind === 'refuse'
        ? [mode.status, mode.first ?? 0]
        : [{ accept: 0, ignore: 1, trying: 2, ring: 3 }[mode.kind], 0];
    await this.#set('first', first);
    await this.#set('invite', status);
  }

  /** Every INVITE so far, oldest first, from the edge's own log. */
  invites(): readonly ReceivedInvite[] {
    const seen = new Set<string>();
    return [...this.edge.log.matchAll(/LABINVITE (\{.*\})$/gm)].flatMap(([, json = '{}']) => {
      const { cseq, epochS, epochUs, ...invite } = JSON.parse(json.replaceAll('\r', '')) as LoggedInvite;
      const key = `${invite.callId} ${cseq}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ ...invite, receivedAtEpochMs: epochS * 1000 + epochUs / 1000 }];
    });
  }

  /** OPTIONS the edge received so far, retransmissions included. */
  optionsCount(): number {
    return [...this.edge.log.matchAll(/LABOPTIONS/g)].length;
  }

  /** Every OPTIONS so far, oldest first, from the edge's own log; retransmissions are repeated. */
  options(): readonly ReceivedOptions[] {
    return [...this.edge.log.matchAll(/LABOPTIONS (\d+) (\d+) from (\S+) by (.*)$/gm)].map(
      ([, epochS, epochUs, sourceAddress = '', userAgent = '']) => ({
        receivedAtEpochMs: Number(epochS) * 1000 + Number(epochUs) / 1000,
        sourceAddress,
        userAgent,
      }),
    );
  }

  /** From so many OPTIONS of one minute on, over all sources, the edge answers no OPTIONS of anybody any more. */
  async banAbove(optionsPerMinute: number): Promise<void> {
    await this.#set('cap', optionsPerMinute);
  }

  /** From now on only this From user is let through; others are refused with 403. An empty one lets all through. */
  async letThrough(fromUser: string): Promise<void> {
    await this.#kamcmd(['htable.sets', 'mode', 'own', fromUser === '' ? 's:' : `s:${fromUser}`]);
  }

  /** From now on OPTIONS are answered so many seconds late, and calls get 100 at once and ring so much later; 0 ends it. */
  async setLate(lateS: number): Promise<void> {
    await this.#set('late', lateS);
  }

  /**
   * From now on the edge's own address is the Contact of what answers behind it, so ACK and BYE go through the edge. SIPp sends
   * the answer to a BYE to where the INVITE came from, so a caller has none without this.
   */
  async hideAnswerer(): Promise<void> {
    await this.#set('hide', 1);
  }

  /** From now on an Asterisk at this address answers what calls the edge, and sends media and RTCP of its own, which SIPp does not. */
  async answerBy(address: string): Promise<void> {
    await this.#kamcmd(['htable.sets', 'mode', 'behind', `sip:${address}:5060`]);
  }

  async stop(): Promise<void> {
    await this.#edge?.stop();
    await this.#answerer?.stop(500);
  }

  get #controlSocket(): string {
    return join(this.#folder, 'ctl');
  }

  async #set(key: string, value: number): Promise<void> {
    await this.#kamcmd(['htable.seti', 'mode', key, `${value}`]);
  }

  async #kamcmd(args: readonly string[]): Promise<string> {
    return await run(['kamcmd', '-s', `unix:${this.#controlSocket}`, ...args], { timeoutMs: 5000 });
  }

  async #takesCommands(): Promise<boolean> {
    return (await this.#kamcmd(['core.version']).catch(() => '')).includes('kamailio');
  }

  async #isListening(): Promise<boolean> {
    if (!this.edge.isRunning) throw new Error(`${this.host.name}: ${this.edge.log.slice(-1500)}`);
    const text = await run(['ip', 'netns', 'exec', this.host.namespace, 'ss', '-Hlnu']);
    return text.includes(':5060 ') && text.includes(':5070 ');
  }
}
