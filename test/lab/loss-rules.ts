import { run } from './command.ts';

/**
 * One direction in which packets are dropped, whatever their port or protocol unless it is media only: all from `from`, all
 * to `to`, or what goes from the one to the other.
 */
export type Drop = {
  /** 0 < percent ≤ 100, resolution 0.1; each packet is drawn on its own. */
  readonly percent: number;
  /** Only G.711 of 20 ms (172 bytes of RTP): signalling and RTCP pass. */
  readonly isMediaOnly?: boolean;
} & ({ readonly from: string; readonly to?: string } | { readonly from?: undefined; readonly to: string });

/** The kernel's own count since the rule was made: the truth measurements are compared with. */
export type DropCount = { readonly seenPackets: number; readonly droppedPackets: number; readonly lossRatio: number };

/** A rule in force. */
export type ActiveDrop = {
  readonly drop: Drop;
  readonly counter: () => Promise<DropCount>;
  readonly remove: () => Promise<void>;
};

const TABLE = 'lab';

/**
 * Loss in the forward chain of the core namespace. The chain is replaced as a whole in one nft transaction, so no packet
 * passes a half-made set of rules; counters are named objects and outlive the replacement.
 *
 * @see nft(8): numgen expression, stateful counter objects
 */
export class LossRules {
  readonly #namespace: string;
  #nextNumber = 1;
  #active: ReadonlyMap<number, Drop> = new Map();
  /** Changes follow one another: each begins from what the one before left. */
  #changes: Promise<void> = Promise.resolve();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Makes the table with an empty chain. Called once, before any rule. */
  async start(): Promise<void> {
    await this.#nft(
      `add table inet ${TABLE}\nadd chain inet ${TABLE} fw { type filter hook forward priority 0; policy accept; }\n`,
    );
  }

  /** Starts dropping, each direction with its own draw and counter, all in one moment. */
  async drop(...drops: readonly Drop[]): Promise<readonly ActiveDrop[]> {
    const added = drops.map((drop) => {
      const number = this.#nextNumber;
      this.#nextNumber += 1;
      return [number, drop] as const;
    });
    const counters = added.flatMap(([number]) => [`seen${number}`, `dropped${number}`]);
    await this.#nft(counters.map((name) => `add counter inet ${TABLE} ${name}\n`).join(''));
    await this.#change((active) => [...active, ...added]);
    return added.map(([number, drop]) => ({
      drop,
      counter: async () => await this.#count(number),
      remove: async () => await this.#change((active) => active.filter(([other]) => other !== number)),
    }));
  }

  /** Drops everything an address sends and is sent, in each direction so much. */
  async dropAt(address: string, percent: number): Promise<readonly ActiveDrop[]> {
    return await this.drop({ from: address, percent }, { to: address, percent });
  }

  /** Drops between two addresses, in each direction so much. */
  async dropBetween(a: string, b: string, percent: number): Promise<readonly ActiveDrop[]> {
    return await this.drop({ from: a, to: b, percent }, { from: b, to: a, percent });
  }

  /** Sum of the counts of several rules. */
  async total(rules: readonly ActiveDrop[]): Promise<DropCount> {
    let [seenPackets, droppedPackets] = [0, 0];
    for (const rule of rules) {
      const count = await rule.counter();
      seenPackets += count.seenPackets;
      droppedPackets += count.droppedPackets;
    }
    return { seenPackets, droppedPackets, lossRatio: seenPackets === 0 ? 0 : droppedPackets / seenPackets };
  }

  /** Ends all loss at once. */
  async clear(): Promise<void> {
    await this.#change(() => []);
  }

  async #change(to: (active: readonly (readonly [number, Drop])[]) => readonly (readonly [number, Drop])[]) {
    const change = this.#changes.then(async () => await this.#replace(new Map(to([...this.#active]))));
    this.#changes = change.catch(() => undefined);
    await change;
  }

  async #replace(active: ReadonlyMap<number, Drop>): Promise<void> {
    const rules = [...active].map(([number, drop]) => {
      const source = drop.from === undefined ? '' : `ip saddr ${drop.from}`;
      const destination = drop.to === undefined ? '' : `ip daddr ${drop.to}`;
      const match = `${source} ${destination} ${drop.isMediaOnly === true ? 'udp length 180' : ''}`.trim();
      const perMille = Math.round(drop.percent * 10);
      const draw = perMille >= 1000 ? '' : `numgen random mod 1000 < ${perMille} `;
      return [
        `add rule inet ${TABLE} fw ${match} counter name seen${number}`,
        `add rule inet ${TABLE} fw ${match} ${draw}counter name dropped${number} drop`,
      ].join('\n');
    });
    await this.#nft(`flush chain inet ${TABLE} fw\n${rules.join('\n')}\n`);
    this.#active = active;
  }

  /** Both counters by one reading: a packet between two readings would be seen and not dropped. */
  async #count(number: number): Promise<DropCount> {
    const text = await run(['ip', 'netns', 'exec', this.#namespace, 'nft', 'list', 'counters', 'table', 'inet', TABLE]);
    const packets = (name: string): number => {
      const found = new RegExp(`counter ${name} \\{\\s*packets (\\d+)`).exec(text)?.[1];
      if (found === undefined) throw new Error(`nft counter ${name}: no figure in ${text}`);
      return Number(found);
    };
    const droppedPackets = packets(`dropped${number}`);
    const seenPackets = packets(`seen${number}`);
    return { seenPackets, droppedPackets, lossRatio: seenPackets === 0 ? 0 : droppedPackets / seenPackets };
  }

  async #nft(script: string): Promise<void> {
    await run(['ip', 'netns', 'exec', this.#namespace, 'nft', '-f', '-'], { input: script });
  }
}
