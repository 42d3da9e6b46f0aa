import Type from 'typebox';
import { Check } from 'typebox/value';
import { Counter, TargetName } from '../wire/identifiers.ts';
import type { OpenCall } from './measure/sip/invite-recovery.ts';
import type { Share } from './test-call-budget.ts';

const Line = Type.String({ maxLength: 2000, pattern: '^[^\\r\\n]*$' });
const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });
const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
const share = { day: Day, seconds: Counter, micros: Counter };
const Dialog = Type.Object({
  remoteTag: Line,
  remote: Line,
  remoteTarget: Line,
  routeSet: Type.Array(Line, { maxItems: 64 }),
});
const Plan = Type.Object({
  destination: Type.Object({ address: Line, port: Port }),
  requestUri: Line,
  caller: Line,
  callId: Line,
  fromTag: Line,
  branchToken: Line,
  localAddress: Line,
  localPort: Port,
  userAgent: Line,
  ringMs: Counter,
  talkMs: Counter,
});

const Record = Type.Union([
  Type.Object({
    kind: Type.Literal('open'),
    id: Line,
    target: TargetName,
    held: Type.Object(share),
    open: Type.Object({
      plan: Plan,
      inviteSequence: Counter,
      early: Type.Array(Dialog),
      dialogs: Type.Array(Dialog),
    }),
  }),
  Type.Object({ kind: Type.Literal('closed'), id: Line, used: Type.Object(share) }),
  Type.Object({ kind: Type.Literal('spent'), target: TargetName, calls: Counter, ...share }),
]);

/** A call that is or was open, and what is held for it. */
export type LeftCall = { readonly id: string; readonly target: string; readonly held: Share; readonly open: OpenCall };

/** One line of the journal of test calls. `open` again for the same id replaces what is known of the call. */
export type JournalRecord =
  | ({ readonly kind: 'open' } & LeftCall)
  | { readonly kind: 'closed'; readonly id: string; readonly used: Share }
  | ({ readonly kind: 'spent'; readonly target: string; readonly calls: number } & Share);

/** Reads one line; `undefined` for one that is not as it was written (torn by a crash, damaged, of another version). */
export function parseRecord(line: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Check(Record, value) ? value : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
