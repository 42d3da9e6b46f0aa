import type { SipRequest } from '../../probes/measure/sip/message.ts';
import type { Source } from '../../probes/measure/sip/response.ts';
import { type EdgeCall, EdgeCalls, edgeResponse, requiredOptions } from './sim-edge-calls.ts';
import type { EdgeCounts } from './sim-edge-counts.ts';
import type { EdgeRuleBook } from './sim-edge-rules.ts';

/** What the service needs of the socket and the clock. */
export type EdgeOutlet = {
  readonly local: () => Source;
  /** Sends an answer by the rules of its source; `onSent` runs only if it really leaves. */
  readonly send: (request: SipRequest, source: Source, bytes: Uint8Array, onSent?: () => void) => void;
  readonly after: (delayMs: number, act: () => void) => void;
};

const T1_MS = 500;
const T2_MS = 4000;
const TIMER_H_MS = 32_000;

/** The user agent server of a simulated edge: OPTIONS, and calls with INVITE, ACK, CANCEL and BYE. */
export class EdgeService {
  readonly #rules: EdgeRuleBook;
  readonly #outlet: EdgeOutlet;
  readonly #calls = new EdgeCalls();
  #tagNumber = 0;
  #optionsAtMs: readonly number[] = [];
  #busiestPer10S = 0;
  #isBanning = false;

  constructor(rules: EdgeRuleBook, outlet: EdgeOutlet) {
    this.#rules = rules;
    this.#outlet = outlet;
  }

  /** Calls that are up. */
  get activeCalls(): number {
    return this.#calls.active;
  }

  /** Most OPTIONS of any 10 s so far, over all sources. */
  get busiestPer10S(): number {
    return this.#busiestPer10S;
  }

  /** Too many came at some time, and nobody's OPTIONS is answered since. */
  get isBanning(): boolean {
    return this.#isBanning;
  }

  /** Answers one request that has arrived, and counts it. */
  serve(request: SipRequest, source: Source, counts: EdgeCounts): void {
    const refusal = refusalOf(request);
    if (request.method === 'ACK') this.#acknowledge(request);
    else if (request.method === 'OPTIONS') this.#options(request, source, counts);
    else if (request.method === 'CANCEL') this.#cancel(request, source);
    else if (request.method === 'BYE') this.#bye(request, source, counts);
    else if (refusal !== undefined) this.#reply(request, source, refusal);
    else if (request.method !== 'INVITE') this.#reply(request, source, 501);
    else if (request.to.parameters.has('tag')) this.#reply(request, source, this.#calls.byDialog(request) ? 200 : 481);
    else this.#invite(request, source, counts);
  }

  #options(request: SipRequest, source: Source, counts: EdgeCounts): void {
    const { optionsCode, banAbovePer10S } = this.#rules.for(source.address);
    counts.options += 1;
    this.#noteOptions(banAbovePer10S);
    if (optionsCode === 'silent' || this.#isBanning) return;
    this.#reply(request, source, refusalOf(request) ?? optionsCode, () => {
      counts.optionsAnswered += 1;
    });
  }

  #noteOptions(limit: number): void {
    const nowMs = performance.now();
    this.#optionsAtMs = [...this.#optionsAtMs.filter((atMs) => atMs > nowMs - 10_000), nowMs];
    this.#busiestPer10S = Math.max(this.#busiestPer10S, this.#optionsAtMs.length);
    if (this.#optionsAtMs.length > limit) this.#isBanning = true;
  }

  #invite(request: SipRequest, source: Source, counts: EdgeCounts): void {
    const known = this.#calls.byTransaction(request);
    if (known) {
      if (known.lastResponse) this.#outlet.send(request, source, known.lastResponse);
      return;
    }
    const { inviteCode, ringMs } = this.#rules.for(source.address);
    counts.invites += 1;
    if (inviteCode === 'silent') return;
    const call = this.#calls.open(request, source, this.#newTag());
    this.#progress(call, 100);
    if (inviteCode >= 300) {
      this.#conclude(call, inviteCode);
      return;
    }
    this.#progress(call, 180);
    const answer = () => {
      if (call.phase !== 'ringing') return;
      this.#conclude(call, inviteCode, () => {
        counts.invitesAnswered += 1;
      });
    };
    if (ringMs > 0) this.#outlet.after(ringMs, answer);
    else answer();
  }

  /** Sends a final answer and repeats it until the ACK (RFC 3261 §13.3.1.4 and timers G, H of §17.2.1). */
  #conclude(call: EdgeCall, statusCode: number, onSent?: () => void): void {
    call.phase = statusCode < 300 ? 'answered' : 'rejected';
    this.#progress(call, statusCode, onSent);
    this.#repeat(call, T1_MS, 0);
  }

  #repeat(call: EdgeCall, intervalMs: number, elapsedMs: number): void {
    this.#outlet.after(intervalMs, () => {
      if (call.phase !== 'answered' && call.phase !== 'rejected') return;
      if (elapsedMs >= TIMER_H_MS) {
        this.#calls.forget(call);
        return;
      }
      if (call.lastResponse) this.#outlet.send(call.request, call.source, call.lastResponse);
      this.#repeat(call, Math.min(intervalMs * 2, T2_MS), elapsedMs + intervalMs);
    });
  }

  #acknowledge(request: SipRequest): void {
    const call = this.#calls.byDialog(request) ?? this.#calls.byTransaction(request);
    if (call?.phase === 'answered') call.phase = 'confirmed';
    if (call?.phase === 'rejected') this.#end(call);
  }

  #cancel(request: SipRequest, source: Source): void {
    const call = this.#calls.byTransaction(request);
    this.#reply(request, source, call ? 200 : 481);
    if (call?.phase === 'ringing') this.#conclude(call, 487);
  }

  #bye(request: SipRequest, source: Source, counts: EdgeCounts): void {
    const call = this.#calls.byDialog(request);
    if (call && call.phase !== 'ended') counts.byes += 1;
    this.#reply(request, source, call ? 200 : 481);
    if (call) this.#end(call);
  }

  #end(call: EdgeCall): void {
    if (call.phase === 'ended') return;
    call.phase = 'ended';
    this.#outlet.after(TIMER_H_MS, () => this.#calls.forget(call));
  }

  #progress(call: EdgeCall, statusCode: number, onSent?: () => void): void {
    call.lastResponse = edgeResponse(call, statusCode, this.#outlet.local());
    this.#outlet.send(call.request, call.source, call.lastResponse, onSent);
  }

  #reply(request: SipRequest, source: Source, statusCode: number, onSent?: () => void): void {
    const bytes = edgeResponse({ request, source, toTag: this.#newTag() }, statusCode, this.#outlet.local());
    this.#outlet.send(request, source, bytes, onSent);
  }

  #newTag(): string {
    this.#tagNumber += 1;
    return `edge${this.#tagNumber}`;
  }
}

/** @see RFC 3261 §8.2.2.1 (416), §8.2.2.3 (420). */
function refusalOf(request: SipRequest): 416 | 420 | undefined {
  if (request.uri.kind === 'other') return 416;
  return requiredOptions(request).length > 0 ? 420 : undefined;
}
