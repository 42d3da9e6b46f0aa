import type { AckFrame, HubFrame, PlanFrame } from '../../wire/hub-frames.ts';
import type { UplinkEffect, UplinkNotice, UplinkState, UplinkStep } from './uplink-state.ts';

/**
 * Takes one readable frame of the hub. Before the welcome only a welcome or a refusal has a meaning. A frame whose fence
 * is below the highest one seen comes from a hub that another has superseded, and is refused.
 *
 * @param nowMs - monotonic clock.
 */
export function takeHubFrame(state: UplinkState, frame: HubFrame, nowMs: number): UplinkStep {
  if (frame.type === 'refuse') {
    const { code, reason, fatal } = frame;
    const effects = [report({ code: 'refused', by: code, reason, isFatal: fatal })];
    if (!fatal) return { state, effects };
    return { state: { ...state, refusal: code }, effects: [...effects, { kind: 'disconnect' }] };
  }
  const isExpected = frame.type === 'welcome' ? state.phase === 'greeting' : state.phase === 'flowing';
  if (!isExpected) return { state, effects: [report({ code: 'unexpected-frame', type: frame.type })] };
  switch (frame.type) {
    case 'ack':
      return takeAck(state, frame, nowMs);
    case 'welcome': {
      const isStale = frame.fence < state.fence;
      const welcomed: UplinkState = {
        ...state,
        phase: 'flowing',
        welcomedAtMs: nowMs,
        fence: Math.max(frame.fence, state.fence),
        progressAtMs: nowMs,
      };
      const deliver = { kind: 'deliver', frame } as const;
      return { state: welcomed, effects: isStale ? [report(stale(state, frame)), deliver] : [deliver] };
    }
    case 'modes':
    case 'plan':
    case 'leases':
    case 'bans':
    case 'command':
    case 'assignment':
      if (frame.fence < state.fence) {
        const refusal = frame.type === 'plan' ? [refusePlan(state, frame)] : [];
        return { state, effects: [report(stale(state, frame)), ...refusal] };
      }
      return { state: { ...state, fence: frame.fence }, effects: [{ kind: 'deliver', frame }] };
    default:
      return frame satisfies never;
  }
}

function takeAck(state: UplinkState, { outboxId, sequence }: AckFrame, nowMs: number): UplinkStep {
  if (outboxId !== state.outboxId || sequence > state.everSentThrough) {
    return { state, effects: [report({ code: 'foreign-acknowledgement', outboxId, sequence })] };
  }
  if (sequence <= state.acknowledgedThrough) return { state, effects: [] };
  const inFlight = state.inFlight.filter((sent) => sent > sequence);
  return {
    state: { ...state, inFlight, acknowledgedThrough: sequence, progressAtMs: nowMs },
    effects: [{ kind: 'acknowledge', outboxId, sequence }],
  };
}

function refusePlan(state: UplinkState, plan: PlanFrame): UplinkEffect {
  return { kind: 'refuse-plan', plan, reason: `fence ${plan.fence} is below ${state.fence}` };
}

function stale(state: UplinkState, { type, fence }: { type: HubFrame['type']; fence: number }): UplinkNotice {
  return { code: 'stale-fence', type, fence, heldFence: state.fence };
}

function report(notice: UplinkNotice): UplinkEffect {
  return { kind: 'report', notice };
}
