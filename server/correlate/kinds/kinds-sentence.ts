import { percent } from '../percent.ts';
import type { KindEvidence } from '../verdict.ts';

const WORDS = {
  icmp: { head: 'ICMP', of: 'echoes' },
  mesh: { head: 'RTP mesh', of: 'packets' },
  rtcp: { head: 'media of calls', of: 'packets' },
  calls: { head: 'failed calls', of: 'calls' },
} as const;

/** `; RTP mesh 3.1 % of 90000 packets, against 0 % elsewhere; ICMP 9.8 % of 120 echoes`; nothing where no other kind tells anything. */
export function sayKinds(kinds: readonly KindEvidence[] = []): string {
  return kinds.map((each) => `; ${sayKind(each)}`).join('');
}

function sayKind({ kind, lost, lostOutside, sent, sentOutside }: KindEvidence): string {
  const { head, of } = WORDS[kind];
  const elsewhere = sentOutside > 0 ? `, against ${percent(lostOutside / sentOutside)} elsewhere` : '';
  return `${head} ${percent(sent > 0 ? lost / sent : 0)} of ${sent} ${of}${elsewhere}`;
}
