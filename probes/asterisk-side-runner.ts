import type { Measurement } from '../wire/measurement.ts';
import type { EventBody } from '../wire/probe-frames.ts';
import type { AmiClient } from './asterisk/ami/ami-client.ts';
import { type CallFinding, CallTracker } from './asterisk/calls/call-tracker.ts';
import { MediaWatch } from './asterisk-media-runner.ts';
import { AsteriskPoll } from './asterisk-poll-runner.ts';
import { AsteriskWatch } from './asterisk-watch-runner.ts';
import type { ControlRunner } from './control/control-runner.ts';
import type { CallBook } from './metrics/call-book.ts';
import type { ProbeMetrics } from './metrics/metrics-server.ts';

/** What following Asterisk needs from the outside. None of the callbacks may throw. */
export type AsteriskSideDeps = {
  readonly ami: AmiClient;
  readonly trunks: ConstructorParameters<typeof AsteriskPoll>[0]['trunks'];
  readonly classes: readonly string[];
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly book: CallBook;
  readonly metrics: ProbeMetrics;
  readonly control: ControlRunner;
  readonly send: (measurement: Measurement, isUrgent: boolean) => void;
  /** A call goes out by a trunk now, by one of its edges where that is known. */
  readonly onDialled: (trunk: string, edge: string | undefined) => void;
  readonly emit: (body: EventBody) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Follows one Asterisk by its manager interface: calls, their media, what it knows of its trunks, and when it comes and goes. */
export function followAsterisk(deps: AsteriskSideDeps) {
  const { ami, book, classes, clock, control, emit, metrics, onFault, send, trunks } = deps;
  const calls = new CallTracker(trunks, classes);
  const media = new MediaWatch({
    ami,
    calls,
    nowMs: clock.nowMs,
    onMedia: (measurement) => {
      book.takeMedia(measurement);
      send(measurement, false);
    },
    onUnreadable: (place) => metrics.count('rtcpUnreadable', { place }),
    onFault,
  });
  const poll = new AsteriskPoll({
    ami,
    trunks,
    nowMs: clock.nowMs,
    onMeasurement: (measurement, isChanged) => {
      book.takeSignalling(measurement);
      send(measurement, isChanged);
    },
    onFault,
  });
  const watch = new AsteriskWatch({
    ami,
    calls,
    media,
    poll,
    clock,
    emit,
    onFault,
    onFinding: (finding) => takeFinding(finding, deps),
    onUp: (isFullyBooted) => {
      if (isFullyBooted) void control.asteriskUp();
      else control.asteriskConnected();
    },
    onLost: () => control.asteriskLost(),
  });
  return { calls, media, poll, watch };
}

function takeFinding(finding: CallFinding, { book, control, emit, onDialled, send }: AsteriskSideDeps): void {
  switch (finding.kind) {
    case 'dialled':
      onDialled(finding.trunk, finding.edge);
      return;
    case 'invite': {
      const { measurement } = finding;
      const { trunk, edge, outcome } = measurement;
      book.takeInvite(measurement);
      send(measurement, true);
      if (outcome === 'answered') control.learn({ kind: 'invite-answered', trunk, edge });
      return;
    }
    case 'call-ended':
      book.takeEnd(finding.body);
      emit(finding.body);
      return;
    case 'end-unknown': {
      const text = `the end of call ${finding.uniqueId} on trunk ${finding.trunk} was not seen`;
      emit({ kind: 'probe-note', code: 'call-end-unknown', text });
      return;
    }
    default:
      finding satisfies never;
  }
}
