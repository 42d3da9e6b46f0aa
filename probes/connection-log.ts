import type { AmiState } from './asterisk/ami/ami-contract.ts';

/** Where lines of the log go. */
export type LineSink = {
  readonly info: (fields: object, text: string) => void;
  readonly warn: (fields: object, text: string) => void;
};

/**
 * Tells in the log how the connection to Asterisk stands: each login, and each loss or failed attempt whose reason is
 * another than that of the attempt before, so that an Asterisk that is away fills no disk.
 */
export function asteriskLog(sink: LineSink): (state: AmiState) => void {
  let told: string | undefined;
  return (state) => {
    if (state.kind === 'connected') {
      told = undefined;
      sink.info({ amiVersion: state.amiVersion }, 'Asterisk reached');
    }
    if (state.kind !== 'lost') return;
    const { code, reason } = state;
    const line = `${code} ${reason}`;
    if (told !== line) sink.warn({ code, reason }, 'Asterisk not reached; tried again until it is');
    told = line;
  };
}

/** Node's advice on a certificate it does not know is none for a probe: its file names what it trusts. */
export function shownTlsFault(reason: string): string {
  const isUnknown = /self-signed certificate|unable to (verify|get)/.test(reason);
  const [fault] = reason.split('; if the root CA');
  return isUnknown ? `${fault}: name the hub's certificate, or that of its authority, as hub.caFile` : reason;
}
