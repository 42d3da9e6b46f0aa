/**
 * How the figures were measured and what they are not, in short: the long form is docs/measuring.md and docs/blame.md.
 */
export const PACK_METHOD: readonly { readonly title: string; readonly text: string }[] = [
  {
    title: 'Test messages',
    text:
      'Our servers send SIP OPTIONS requests, one packet each, and count the answers. A request is never sent again, so each is ' +
      'one independent trial. No answer in time is a loss. Any answer of the far end counts as an answer, whatever it says. ' +
      'Requests at regular intervals and at random times are counted; those sent to confirm a miss are not, since they would bias the figure.',
  },
  {
    title: 'Intervals',
    text:
      'Each loss has its Wilson score interval at 95 %. It holds for losses that are independent of one another; where packets ' +
      'are lost in bursts the truth may lie a little outside. Media are counted packet by packet, and their interval is widened ' +
      'by how unevenly the losses came. Where nothing was sent nothing is known, and no ratio is given.',
  },
  {
    title: 'Whose fault',
    text:
      'All servers measure all destinations and one another. For each place that could be at fault (a site, a provider, a single ' +
      'way, a measuring server itself) the probability is worked out that exactly the ways through it suffer while all others ' +
      'do not. A place is named from 95 % on, and a provider only when servers at two sites see it independently. What cannot ' +
      'be told apart is named together.',
  },
  {
    title: 'Since when',
    text:
      'From the test messages second by second: for each second the probability is worked out that the losses began with it, out of one ' +
      'low rate before and one unknown rate after. The likeliest second is given, with the times that hold 95 % of the ' +
      'probability. Five minutes are looked at; where all of them were lossy, it says "before".',
  },
  {
    title: 'What it costs',
    text:
      'Calls at the trunks concerned that ended from the beginning to the end of the verdict, as our own telephone systems told of them. Failed ' +
      'are those that the network or the provider ended without an answer, by the SIP status or else the Q.850 cause. Busy, ' +
      'unanswered and redirected calls are not among them. Media are bad where more than 3 % of at least 100 packets were lost one way. ' +
      'They are the calls that met the trouble, not those that failed because of it.',
  },
  {
    title: 'Control group',
    text:
      'The same servers measured other destinations in the same minutes, by the same method. Where those are clean, neither the ' +
      'servers nor their own connection explain the losses.',
  },
  {
    title: 'Direction',
    text:
      'A test message and its answer are a round trip: it cannot tell which of the two was lost. Only packets that are counted at ' +
      'both ends can: RTP between our sites, and the RTCP reports of calls, in which the provider says itself what reached it.',
  },
  {
    title: 'Traces',
    text:
      'Routers answer traces slowly and by quota. A silent or lossy hop in the middle says nothing; loss counts only from the hop ' +
      'on from which it lasts to the target. The way back does not show.',
  },
  {
    title: 'Round trips',
    text:
      'From handing the request to the system to reading the answer, by a clock that is never set. The wait of a busy measuring ' +
      'server would be in it; a server that is too busy is left out. Of a minute the median and the 95th percentile are kept; of ' +
      'several ways together the median of the medians and the greatest of the 95th percentiles.',
  },
  {
    title: 'What it is not',
    text:
      'It is no statement on the cause, on the quality of single calls, or on times and ways that were not measured. It ' +
      'says where packets were lost, with the figures to check it.',
  },
];
