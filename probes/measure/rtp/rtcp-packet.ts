/** One reception report block of an SR or RR. */
export type ReportBlock = {
  readonly ssrc: number;
  /** 0 to 255, in 1/256 of the packets expected since the report before; 0 where it would be negative. */
  readonly fractionLost: number;
  /** Signed 24 bits: below 0 where duplicates outweigh losses. */
  readonly cumulativeLost: number;
  /** 32 bits: cycles in the upper 16, highest sequence number in the lower. */
  readonly extendedSequence: number;
  /** In ticks of the stream's clock. */
  readonly interarrivalJitter: number;
  /** Middle 32 bits of the NTP time of the last SR of that source, 0 for none. */
  readonly lastSr: number;
  /** Since that SR, in 1/65536 s. */
  readonly delaySinceLastSr: number;
};

/** One RTCP packet of a compound; kinds that nobody here reads keep only their type. */
export type RtcpPacket =
  | {
      readonly kind: 'sender-report';
      readonly ssrc: number;
      /** Seconds since 1900-01-01 and their fraction in 1/2^32 s. */
      readonly ntpSeconds: number;
      readonly ntpFraction: number;
      readonly rtpTimestamp: number;
      readonly packetCount: number;
      readonly octetCount: number;
      readonly reports: readonly ReportBlock[];
    }
  | { readonly kind: 'receiver-report'; readonly ssrc: number; readonly reports: readonly ReportBlock[] }
  | {
      readonly kind: 'source-description';
      /** The CNAME of each chunk, and none where the chunk has none. */
      readonly chunks: readonly { readonly ssrc: number; readonly cname: string | undefined }[];
    }
  | { readonly kind: 'bye'; readonly ssrcs: readonly number[] }
  | { readonly kind: 'other'; readonly packetType: number };

/** Packet types. @see RFC 3550 §12.1 */
export const RTCP_TYPES = { senderReport: 200, receiverReport: 201, sourceDescription: 202, bye: 203 } as const;

/** Length of one reception report block, in bytes. */
export const REPORT_BLOCK_BYTES = 24;

/** SDES item type of the canonical name. @see RFC 3550 §6.5.1 */
export const SDES_CNAME = 1;
