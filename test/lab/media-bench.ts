import { AmiClient } from '../../probes/asterisk/ami/ami-client.ts';
import { CallTracker } from '../../probes/asterisk/calls/call-tracker.ts';
import { renderDialplan } from '../../probes/asterisk/dialplan/render.ts';
import { MediaWatch } from '../../probes/asterisk-media-runner.ts';
import { AsteriskPoll } from '../../probes/asterisk-poll-runner.ts';
import { AsteriskWatch } from '../../probes/asterisk-watch-runner.ts';
import type { QualifyMeasurement, RegistrationMeasurement } from '../../wire/call-measurement.ts';
import type { EventBody } from '../../wire/probe-frames.ts';
import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../../wire/rtp-measurement.ts';
import type { AsteriskInstance } from './asterisk-instance.ts';
import type { Lab } from './lab.ts';
import { pollUntil } from './poll.ts';
import { startRelay } from './relay.ts';

/** RTCP once a second instead of Asterisk's five: a window of some seconds then holds whole intervals. */
export const RTCP_INTERVAL_MS = 1000;

/** The provider: SIPp, which echoes and sends no RTCP, or an Asterisk, which sends a tone and RTCP. */
export type FarEnd = 'sipp' | 'asterisk';

const NUMBERS: Readonly<Record<FarEnd, string>> = { sipp: '0301234567', asterisk: '0401234567' };

/**
 * One PBX that calls two providers, followed by the probe's own code on its manager interface: what a call is told to have
 * met can be set against what the kernel dropped.
 */
export class MediaBench {
  readonly lab: Lab;
  readonly pbx: AsteriskInstance;
  readonly addresses: Readonly<Record<FarEnd | 'pbx', string>>;
  readonly media: (RtpCallMeasurement | RtpCallBlindMeasurement)[] = [];
  readonly signalling: (QualifyMeasurement | RegistrationMeasurement)[] = [];
  readonly events: EventBody[] = [];
  readonly faults: string[] = [];
  readonly calls: CallTracker;

  private constructor(lab: Lab, pbx: AsteriskInstance, addresses: MediaBench['addresses'], calls: CallTracker) {
    this.lab = lab;
    this.pbx = pbx;
    this.addresses = addresses;
    this.calls = calls;
  }

  /** Builds both providers and the PBX and waits until its manager interface is followed. */
  static async open(lab: Lab): Promise<MediaBench> {
    const sipp = await lab.addProvider('provider-s');
    const far = await lab.addPbx('provider-a');
    const pbx = await lab.addPbx('pbx1');
    const addresses = { sipp: sipp.host.addresses[0], asterisk: far.host.addresses[0], pbx: pbx.host.addresses[0] };
    const trunks = (['sipp', 'asterisk'] as const).map((endpoint) => ({
      trunk: endpoint,
      endpoint,
      edges: [{ edge: 'e1', dialUri: `sip:{number}@${addresses[endpoint]}:5060` }],
      numberTemplate: '+{e164}',
      callerId: { rule: 'pass' } as const,
      dialTimeoutS: 30,
    }));
    const rendered = renderDialplan({
      trunks,
      classes: [
        { class: 'national', prefixes: ['4930'], trunks: ['sipp'] },
        { class: 'mobile', prefixes: ['4940'], trunks: ['asterisk'] },
      ],
      emergency: { numbers: ['112'], trunks: ['sipp'] },
      dialRules: [{ prefix: '0', strip: 1, prepend: '49' }],
    });
    if (!rendered.ok) throw new Error(JSON.stringify(rendered.faults));
    const ami = { user: 'trunkward', secret: 'lab' };
    const shared = { phoneAddresses: [], ami, rtcpIntervalMs: RTCP_INTERVAL_MS };
    await far.configure({
      ...shared,
      address: addresses.asterisk,
      trunks: [{ endpoint: 'pbx', address: addresses.pbx }],
      isAnsweringTrunks: true,
    });
    const qualify = { frequencyS: 2, timeoutS: 3 };
    await pbx.configure({
      ...shared,
      address: addresses.pbx,
      trunks: (['sipp', 'asterisk'] as const).map((endpoint) => ({
        endpoint,
        address: addresses[endpoint],
        qualify,
      })),
      include: rendered.text,
    });
    await Promise.all([far.start(), pbx.start()]);
    const socketPath = `${lab.folder}/ami`;
    await startRelay(lab, pbx.host, socketPath, '127.0.0.1:5038');
    const endpoints = trunks.map(({ trunk, endpoint }) => ({
      trunk,
      endpoint,
      registration: undefined,
      edges: [{ edge: 'e1', hostPort: `${addresses[endpoint]}:5060` }],
    }));
    const bench = new MediaBench(lab, pbx, addresses, new CallTracker(endpoints, ['national', 'mobile']));
    bench.#follow(socketPath, endpoints);
    await pollUntil('the manager interface is followed', () => bench.events.length > 0, { timeoutMs: 15_000 });
    return bench;
  }

  #follow(path: string, trunks: ConstructorParameters<typeof AsteriskPoll>[0]['trunks']): void {
    const { calls } = this;
    const nowMs = (): number => performance.now();
    const onFault = (place: string, cause: unknown): number => this.faults.push(`${place}: ${String(cause)}`);
    const ami = new AmiClient({
      address: { path },
      username: 'trunkward',
      readSecret: () => 'lab',
      auth: 'md5',
      eventMask: 'system,call,reporting',
    });
    const media = new MediaWatch({
      ami,
      calls,
      nowMs,
      onMedia: (measurement) => this.media.push(measurement),
      onUnreadable: (field) => onFault('rtcp', field),
      onFault,
    });
    const poll = new AsteriskPoll({
      ami,
      trunks,
      nowMs,
      onMeasurement: (measurement) => this.signalling.push(measurement),
      onFault,
    });
    const nothing = (): undefined => undefined;
    const watch = new AsteriskWatch({
      ami,
      calls,
      media,
      poll,
      clock: { nowMs, epochMs: () => Date.now() },
      onFinding: (finding) => {
        if (finding.kind === 'call-ended') this.events.push(finding.body);
      },
      onUp: nothing,
      onLost: nothing,
      emit: (body) => this.events.push(body),
      onFault,
    });
    const timer = setInterval(() => {
      media.tick();
      poll.tick();
    }, 1000);
    this.lab.signal.addEventListener('abort', () => this.#close());
    this.#close = () => {
      clearInterval(timer);
      ami.close();
      void watch;
    };
    ami.start();
  }

  #close: () => void = () => undefined;

  /** Stops following. */
  close(): void {
    this.#close();
  }

  /** Places so many calls that send a tone, and waits until all are answered. */
  async callMany(far: FarEnd, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await this.pbx.console(`channel originate Local/${NUMBERS[far]}@from-internal/n application Milliwatt`);
    }
    await pollUntil(
      `${count} calls are up`,
      () => this.calls.legs().filter(({ answeredAtMs }) => answeredAtMs !== undefined).length === count,
      { timeoutMs: 15_000, signal: this.lab.signal },
    );
  }

  /** Calls the echo and sends the call on to the other provider: two provider legs in one bridge. */
  async callThrough(): Promise<void> {
    const uri = `sip:+4930555@${this.addresses.sipp}:5060`;
    await this.pbx.console(`channel originate PJSIP/sipp/${uri} extension ${NUMBERS.asterisk}@from-internal`);
    await pollUntil(
      'both legs are up',
      () => this.calls.legs().filter(({ answeredAtMs }) => answeredAtMs !== undefined).length === 2,
      { timeoutMs: 15_000, signal: this.lab.signal },
    );
  }

  /** Waits until every leg that is up has had a figure of this direction after this moment. */
  async reportAfter(atMs: number, direction: RtpCallMeasurement['direction']): Promise<void> {
    const legs = new Set(this.calls.legs().map(({ number }) => number));
    await pollUntil(
      'every call has another report',
      () => {
        const seen = this.media.filter(
          (entry) =>
            entry.kind === 'rtp-call' &&
            entry.direction === direction &&
            entry.observedAtMs > atMs &&
            legs.has(entry.leg),
        );
        return new Set(seen.map(({ leg }) => leg)).size === legs.size;
      },
      { timeoutMs: 15 * RTCP_INTERVAL_MS, signal: this.lab.signal },
    );
  }

  /** Hangs every call up and waits until all have ended. */
  async hangUp(): Promise<void> {
    await this.pbx.console('channel request hangup all');
    await pollUntil('every call has ended', () => this.calls.liveLegs === 0, { timeoutMs: 10_000 });
  }
}
