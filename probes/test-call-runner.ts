import { randomBytes, randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { TestCallDuty } from '../wire/assignment.ts';
import type { TestCallMeasurement } from '../wire/rtp-measurement.ts';
import { localAddressTo } from './local-address-client.ts';
import { bracketed } from './measure/sip/host.ts';
import { beginCall } from './measure/sip/invite-call.ts';
import type { CallAccount, CallPlan } from './measure/sip/invite-plan.ts';
import { isRecoveryOver, openCallOf, recoverCall } from './measure/sip/invite-recovery.ts';
import { type CallState, isEndUnsure, isOver } from './measure/sip/invite-state.ts';
import { type AgreedMedia, agree, encodeOffer } from './measure/sip/sdp-offer.ts';
import { parseSdp } from './measure/sip/sdp-session.ts';
import type { TrunkCredentials } from './options-runner.ts';
import type { ProbeTarget } from './probe-targets.ts';
import { reserve, type Share, settle, spentBy } from './test-call-budget.ts';
import { testCallEntry } from './test-call-config.ts';
import { mediaFigures } from './test-call-media.ts';
import { TestCallMedia } from './test-call-media-client.ts';
import type { LeftCall } from './test-call-record.ts';
import { type CallSubject, reportCall, reportRecovery, reportRefusal, talkMsOf } from './test-call-report.ts';
import { assignCalls, type CallSchedule, dueCalls } from './test-call-schedule.ts';
import type { TestCall } from './test-call-schema.ts';
import { CallLine } from './test-call-sip-client.ts';
import type { TestCallStore } from './test-call-store.ts';

/** What test calls need from the outside. None of the callbacks may throw. */
export type TestCallDeps = {
  /** As they are now. */
  readonly targets: () => readonly ProbeTarget[];
  readonly entries: readonly TestCall[];
  readonly store: TestCallStore;
  readonly sourceAddress: string | undefined;
  readonly credentialsOf: (trunk: string) => TrunkCredentials | undefined;
  readonly userAgent: string;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly onMeasurement: (measurement: TestCallMeasurement) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** How long {@link TestCallRunner.close} waits for calls to end; what is left is ended by the next run. */
const CLOSE_MS = 5000;
/** The socket stays so long after a call, for copies of its 2xx and for one that comes late (RFC 6026 timer M). */
const LINGER_MS = 32_000;
/** At its end a call sends nothing for so long, and waits for what is under way. */
const DRAIN_MS = 1000;

/** Places scheduled test calls within their budget, one at a time on each trunk, and ends those of the run before. */
export class TestCallRunner {
  readonly #deps: TestCallDeps;
  readonly #running = new Map<
    string,
    { readonly trunk: string; readonly line: CallLine; readonly over: Promise<void> }
  >();
  readonly #busyTrunks = new Set<string>();
  readonly #lingering = new Map<CallLine, NodeJS.Timeout>();
  readonly #refused = new Set<string>();
  #schedule: CallSchedule = new Map();
  #isClosed = false;

  constructor(deps: TestCallDeps) {
    this.#deps = deps;
  }

  /** Calls that may be up. */
  get openCalls(): number {
    return this.#deps.store.openCalls.length;
  }

  /** Takes over an assignment, whole. */
  assign(duties: readonly TestCallDuty[], hubClockOffsetMs: number): void {
    this.#schedule = assignCalls(this.#schedule, duties, hubClockOffsetMs, this.#deps.clock.nowMs());
  }

  /** Lets time pass: call about once a second. */
  tick(): void {
    if (this.#isClosed) return;
    const { due, schedule } = dueCalls(this.#schedule, this.#deps.clock.nowMs());
    this.#schedule = schedule;
    for (const target of due) void this.place(target).catch((cause: unknown) => this.#deps.onFault('test call', cause));
  }

  /**
   * Ends every call that the run before left open. Resolves when each has ended or everything was tried; calls are ended side
   * by side.
   */
  async recover(): Promise<void> {
    await Promise.all(
      this.#deps.store.openCalls.map((left) =>
        this.#recoverOne(left).catch((cause: unknown) => this.#deps.onFault('test call recovery', cause)),
      ),
    );
  }

  /** Places one call now, if file and budget allow it; resolves when it has ended. */
  async place(target: string): Promise<void> {
    const { clock, onMeasurement, store } = this.#deps;
    const found = this.#entryFor(target);
    if (!found || this.#isClosed || this.#busyTrunks.has(found.entry.trunk)) return;
    const { entry, subject } = found;
    const reservation = reserve(entry, spentBy(entry, store.spentOfAll()), clock.epochMs());
    if (!reservation.ok) {
      const name = `${target} ${reservation.day} ${reservation.because}`;
      if (!this.#refused.has(name)) onMeasurement(reportRefusal(subject, clock.nowMs()));
      this.#refused.add(name);
      return;
    }
    this.#busyTrunks.add(entry.trunk);
    try {
      await this.#call(found, reservation.share);
    } finally {
      this.#busyTrunks.delete(entry.trunk);
    }
  }

  /** Ends all calls, waiting for 5 s at most, and lets go of every socket. The store is the caller's to close. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#running.values()];
    for (const { line } of running) line.tell({ kind: 'hang-up' });
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([Promise.all(running.map(({ over }) => over)), bound]);
    clearTimeout(timer);
    for (const { line } of this.#running.values()) line.close();
    for (const [line, linger] of this.#lingering) {
      clearTimeout(linger);
      line.close();
    }
  }

  async #call(found: { entry: TestCall; subject: CallSubject; target: ProbeTarget }, held: Share): Promise<void> {
    const { clock, credentialsOf, onFault, onMeasurement, sourceAddress, store, userAgent } = this.#deps;
    const { entry, subject, target } = found;
    const id = randomBytes(12).toString('hex');
    const localAddress = sourceAddress ?? (await localAddressTo(target));
    const media = await TestCallMedia.open(localAddress, clock.nowMs);
    let agreed: AgreedMedia | undefined;
    let fault: TestCallMeasurement['mediaFault'];
    let drain: NodeJS.Timeout | undefined;
    const journal = (state: CallState) =>
      store.append({ kind: 'open', id, target: subject.target, held, open: openCallOf(state) });
    const onAnswered = (body: Uint8Array): void => {
      const description = parseSdp(Buffer.from(body).toString('latin1'));
      const result = description.ok ? agree(description.audio) : undefined;
      if (!result?.ok) {
        fault = result?.fault ?? 'unreadable';
        return;
      }
      agreed = result.media;
      media.start(agreed);
      drain = setTimeout(() => media.stopSending(), entry.talkMs - Math.min(DRAIN_MS, entry.talkMs / 4));
    };
    try {
      const line = await CallLine.open(localAddress, 0, { nowMs: clock.nowMs, journal, onAnswered, onFault });
      const plan: CallPlan = {
        destination: { address: target.address, port: target.port },
        requestUri: `sip:${entry.number.replaceAll('#', '%23')}@${bracketed(target.address)}:${target.port}`,
        caller: entry.caller,
        callId: `${id}.test`,
        fromTag: randomBytes(8).toString('hex'),
        branchToken: randomBytes(8).toString('hex'),
        localAddress,
        localPort: line.localPort,
        userAgent,
        ringMs: entry.ringMs,
        talkMs: entry.talkMs,
      };
      const offer = encodeOffer({
        address: localAddress,
        ...media.ports,
        sessionId: randomInt(1, 2 ** 40),
        version: 1,
      });
      const begin = beginCall(plan, accountOf(credentialsOf(entry.trunk)), offer, clock.nowMs());
      const state = await this.#carry(id, entry.trunk, line, line.run(begin, isOver));
      const used = settle(entry, held, talkMsOf(state), isEndUnsure(state));
      const record = media.record();
      const figures = record ? mediaFigures(entry.far, record) : {};
      onMeasurement(reportCall(subject, state, { agreed, fault, figures }, used.micros));
      this.#linger(line, () => store.append({ kind: 'closed', id, used }));
      if (!isEndUnsure(state)) await store.append({ kind: 'closed', id, used });
    } finally {
      clearTimeout(drain);
      media.close();
    }
  }

  async #recoverOne({ held, id, open, target }: LeftCall): Promise<void> {
    const { clock, credentialsOf, onFault, onMeasurement, store } = this.#deps;
    const [trunk = target, edge = target] = target.split('.');
    const subject = this.#entryFor(target)?.subject ?? { target, trunk, edge, far: 'none' };
    const journal = (state: CallState) => store.append({ kind: 'open', id, target, held, open: openCallOf(state) });
    const deps = { nowMs: clock.nowMs, journal, onAnswered: () => undefined, onFault };
    const { localAddress, localPort } = open.plan;
    const line = await CallLine.open(localAddress, localPort, deps).catch(() =>
      CallLine.open(anyOf(localAddress), 0, deps),
    );
    const begin = recoverCall(open, accountOf(credentialsOf(trunk)), clock.nowMs());
    const state = await this.#carry(id, trunk, line, line.run(begin, isRecoveryOver));
    await store.append({ kind: 'closed', id, used: held });
    onMeasurement(reportRecovery(subject, state, held.micros));
    this.#linger(line, () => Promise.resolve());
  }

  /** Counts a call among those under way until it has ended. */
  async #carry(id: string, trunk: string, line: CallLine, ended: Promise<CallState>): Promise<CallState> {
    const over = ended.then(
      () => undefined,
      () => undefined,
    );
    this.#running.set(id, { trunk, line, over });
    if (this.#isClosed) line.tell({ kind: 'hang-up' });
    try {
      return await ended;
    } finally {
      this.#running.delete(id);
    }
  }

  #linger(line: CallLine, atEnd: () => Promise<void>): void {
    if (this.#isClosed) {
      line.close();
      return;
    }
    const timer = setTimeout(() => {
      this.#lingering.delete(line);
      line.close();
      atEnd().catch((cause: unknown) => this.#deps.onFault('test call journal', cause));
    }, LINGER_MS);
    this.#lingering.set(line, timer);
  }

  #entryFor(name: string): { entry: TestCall; subject: CallSubject; target: ProbeTarget } | undefined {
    const target = this.#deps.targets().find((each) => each.target === name);
    const entry = target && testCallEntry(this.#deps.entries, target);
    if (!entry || target.description.kind !== 'trunk') return undefined;
    const { edge, trunk } = target.description;
    return { entry, subject: { target: name, trunk, edge, far: entry.far }, target };
  }
}

function accountOf(credentials: TrunkCredentials | undefined): CallAccount | undefined {
  return credentials && { credentials, realm: credentials.realm, cnonce: randomBytes(8).toString('hex') };
}

function anyOf(address: string): string {
  return isIPv6(address) ? '::' : '0.0.0.0';
}
