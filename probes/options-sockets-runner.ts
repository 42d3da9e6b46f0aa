import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { localAddressTo } from './local-address-client.ts';
import { type OptionsAttempt, type OptionsProbeOptions, OptionsProber } from './measure/sip/options-probe.ts';
import { OptionsStreamProber } from './measure/sip/options-stream-probe.ts';
import type { Stray } from './measure/sip/stray.ts';
import type { ProbeTarget } from './probe-targets.ts';

/** What the sockets need from the outside. */
export type OptionsSocketsDeps = {
  /** For every target of its family that has no source of its own; the host's choice where absent. */
  readonly sourceAddress: string | undefined;
  readonly sourcePort: number;
  readonly clock: { readonly nowMs: () => number };
  readonly userAgent: string;
  readonly onStray: (stray: Stray) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** A fresh token of 96 random bits. */
export function randomToken(): string {
  return randomBytes(12).toString('hex');
}

/**
 * All sockets that OPTIONS leave by: one for UDP on each local address, and one connection for each TCP or TLS target.
 * Without a configured source the host's route to the target decides the address; a target that cannot be reached by any
 * is looked at again at its next attempt.
 */
export class OptionsSockets {
  readonly #deps: OptionsSocketsDeps;
  readonly #datagrams = new Map<string, Promise<OptionsProber>>();
  readonly #streams = new Map<string, Promise<OptionsStreamProber>>();
  readonly #sources = new Map<string, string>();

  constructor(deps: OptionsSocketsDeps) {
    this.#deps = deps;
  }

  /** Makes one attempt. Never rejects for what the network does. */
  async ask(target: ProbeTarget, options: OptionsProbeOptions): Promise<OptionsAttempt> {
    const source = await this.#sourceOf(target);
    if (source === undefined) return this.#noRoute();
    const isDatagram = target.transport === 'udp';
    const attempt = isDatagram
      ? await (await this.#datagramFrom(source, target))?.probe(target, options)
      : await (await this.#streamFrom(source, target))?.probe(options);
    if (!attempt || attempt.outcome.kind === 'not-measured') this.#sources.delete(target.target);
    return attempt ?? this.#noRoute();
  }

  /** Closes the connections to all but these targets, and forgets by which address the others were reached. */
  async retain(targets: readonly ProbeTarget[]): Promise<void> {
    const kept = new Set(targets.map(placeKey));
    const gone = [...this.#streams].filter(([key]) => !kept.has(key.slice(0, key.lastIndexOf(' '))));
    for (const [key] of gone) this.#streams.delete(key);
    this.#sources.clear();
    const opened = await Promise.allSettled(gone.map(([, opening]) => opening));
    await Promise.all(opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value.close()] : [])));
  }

  /** Closes every socket; attempts under way settle as not measured. */
  async close(): Promise<void> {
    const all = await Promise.allSettled([...this.#datagrams.values(), ...this.#streams.values()]);
    await Promise.all(all.flatMap((opened) => (opened.status === 'fulfilled' ? [opened.value.close()] : [])));
  }

  async #sourceOf(target: ProbeTarget): Promise<string | undefined> {
    if (target.sourceAddress !== undefined) return target.sourceAddress;
    const { sourceAddress } = this.#deps;
    if (sourceAddress !== undefined && isIPv6(sourceAddress) === isIPv6(target.address)) return sourceAddress;
    const found = this.#sources.get(target.target) ?? (await routedAddressTo(target));
    if (found !== undefined) this.#sources.set(target.target, found);
    return found;
  }

  async #datagramFrom(source: string, target: ProbeTarget): Promise<OptionsProber | undefined> {
    const { sourcePort, ...shared } = this.#deps;
    const opening =
      this.#datagrams.get(source) ??
      OptionsProber.open({
        ...shared,
        sourceAddress: source,
        sourcePort,
        randomToken,
        onSocketFault: (error) => shared.onFault('socket', error),
      });
    this.#datagrams.set(source, opening);
    try {
      return await opening;
    } catch (cause) {
      this.#datagrams.delete(source);
      this.#sources.delete(target.target);
      this.#deps.onFault('socket', cause);
      return undefined;
    }
  }

  async #streamFrom(source: string, target: ProbeTarget): Promise<OptionsStreamProber | undefined> {
    const key = `${placeKey(target)} ${source}`;
    const opening = this.#streams.get(key) ?? this.#openStream(source, target);
    this.#streams.set(key, opening);
    try {
      return await opening;
    } catch (cause) {
      this.#streams.delete(key);
      this.#deps.onFault('certificate authorities', cause);
      return undefined;
    }
  }

  async #openStream(source: string, target: ProbeTarget): Promise<OptionsStreamProber> {
    const { address, caFile, port, serverName, transport } = target;
    const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
    return new OptionsStreamProber({
      ...this.#deps,
      target,
      connection: {
        transport: transport === 'tls' ? 'tls' : 'tcp',
        address,
        port,
        sourceAddress: source,
        serverName,
        ca,
      },
      randomToken,
    });
  }

  #noRoute(): OptionsAttempt {
    return { outcome: { kind: 'not-measured', reason: 'no-route' }, sentAtMs: this.#deps.clock.nowMs() };
  }
}

function placeKey({ address, port, target, transport }: ProbeTarget): string {
  return `${target} ${transport} ${address} ${port}`;
}

/** As {@link localAddressTo}; undefined where the system knows no way. */
async function routedAddressTo(target: ProbeTarget): Promise<string | undefined> {
  try {
    return await localAddressTo(target);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return undefined;
    throw cause;
  }
}
