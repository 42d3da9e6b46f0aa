import { addArrival, type JitterState } from './interarrival-jitter.ts';
import type { MeshRequest } from './mesh-packet.ts';

/** Clock of the nominal timestamps (PCMU). */
export const MESH_CLOCK_HZ = 8000;

/** What a reflector remembers of one session. Changed in place by {@link acceptRequest} alone. */
export type ReflectorState = {
  /** Of the sender's run that is counted; `undefined` before the first packet. */
  senderSsrc: number | undefined;
  newestSentAtUs: number;
  highest: number;
  distinct: number;
  duplicates: number;
  reordered: number;
  jitter: JitterState | undefined;
  /** First bit `highest`, each further bit the number below. */
  readonly memory: Uint8Array;
};

/** Why a genuine packet gets nothing back. */
export type RequestRefusal =
  /** Its number has come before: a copy made on the way, or a replay. */
  | 'duplicate'
  /** Its number is too far back to tell whether it came before. */
  | 'too-old'
  /** From a run of the sender that a later one has replaced. */
  | 'stale-run';

/** A genuine request as it arrived. */
export type ArrivedRequest = Pick<MeshRequest, 'extended' | 'sentAtUs'> & {
  readonly ssrc: number;
  readonly rtpTimestamp: number;
};

/** Packets that any reflector tells apart from copies, also where the payload has no room to speak of so many. */
const LEAST_MEMORY_PACKETS = 256;

/** @param memoryPackets - how many the replies have room to speak of. */
export function newReflector(memoryPackets: number): ReflectorState {
  return {
    senderSsrc: undefined,
    newestSentAtUs: -1,
    highest: -1,
    distinct: 0,
    duplicates: 0,
    reordered: 0,
    jitter: undefined,
    memory: new Uint8Array(Math.max(memoryPackets, LEAST_MEMORY_PACKETS) / 8),
  };
}

/**
 * Counts one request whose MAC was found good.
 *
 * A restarted sender begins a new SSRC, and all is counted anew; only a stamp newer than all before lets one begin, so that
 * packets of an old run, recorded and played again, change nothing.
 *
 * @param arrivalMs - monotonic.
 * @returns whether a new run began, or why nothing goes back.
 * @see RFC 4303 §3.4.3 (window against replay); RFC 3550 A.8; RFC 4737 §3.3
 */
export function acceptRequest(
  state: ReflectorState,
  request: ArrivedRequest,
  arrivalMs: number,
): { readonly ok: true; readonly isNewRun: boolean } | { readonly ok: false; readonly refusal: RequestRefusal } {
  const isNewRun = state.senderSsrc !== request.ssrc;
  if (isNewRun) {
    if (request.sentAtUs <= state.newestSentAtUs) return { ok: false, refusal: 'stale-run' };
    Object.assign(state, { ...newReflector(0), memory: state.memory.fill(0), senderSsrc: request.ssrc });
    state.highest = request.extended - 1;
  }
  const step = request.extended - state.highest;
  if (step > 0) shift(state.memory, step);
  const back = Math.max(0, -step);
  if (back >= state.memory.length * 8) return { ok: false, refusal: 'too-old' };
  const byte = state.memory[back >> 3] ?? 0;
  const bit = 0x80 >> (back & 7);
  if ((byte & bit) !== 0) {
    state.duplicates += 1;
    return { ok: false, refusal: 'duplicate' };
  }
  state.memory[back >> 3] = byte | bit;
  state.distinct += 1;
  if (back > 0) state.reordered += 1;
  state.highest = Math.max(state.highest, request.extended);
  state.newestSentAtUs = Math.max(state.newestSentAtUs, request.sentAtUs);
  state.jitter = addArrival(state.jitter, (arrivalMs * MESH_CLOCK_HZ) / 1000, request.rtpTimestamp);
  return { ok: true, isNewRun };
}

/** Moves every bit to a later place, filling up with 0. */
function shift(memory: Uint8Array, bits: number): void {
  const bytes = Math.floor(bits / 8);
  const rest = bits % 8;
  for (let at = memory.length - 1; at >= 0; at -= 1) {
    const upper = memory[at - bytes] ?? 0;
    const before = memory[at - bytes - 1] ?? 0;
    memory[at] = (upper >> rest) | (before << (8 - rest));
  }
}
