import { run } from './command.ts';

/** One direction in which packets are dropped. No port or protocol: everything between the two addresses. */
export type Drop = {
  readonly from: string;
  /** Destination address; without it, everything that `from` sends. */
  readonly to?: string;
  /** 0 < percent ≤ 100, resolution 0.1; each packet is drawn on its own. */
  readonly percent: number;
};

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

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Makes the table with an empty chain. Called once, before any rule. */
  async start(): Promise<void> {
    await this.#nft(
      `add table inet ${TABLE}\nadd chain inet ${TABLE} fw { type filter hook forward priority 0; policy accept; }\n`,
    );
  }

  /** Starts dropping in one direction. */
  async drop(drop: Drop): Promise<ActiveDrop> {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    await this.#nft(`add counter inet ${TABLE} seen${number}\nadd counter inet ${TABLE} dropped${number}\n`);
    await this.#replace(new Map([...this.#active, [number, drop]]));
    return {
      drop,
      counter: async () => await this.#count(number),
      remove: async () => await this.#replace(new Map([...this.#active].filter(([other]) => other !== number))),
    };
  }

  /** Starts dropping between two addresses in both directions, each with its own draw and counter. */
  async dropBothWays(a: string, b: string, percent: number): Promise<readonly [ActiveDrop, ActiveDrop]> {
    return [await this.drop({ from: a, to: b, percent }), await this.drop({ from: b, to: a, percent })];
  }

  /** Ends all loss at once. */
  async clear(): Promise<void> {
    await this.#replace(new Map());
  }

  async #replace(active: ReadonlyMap<number, Drop>): Promise<void> {
    const rules = [...active].map(([number, drop]) => {
      const match = `ip saddr ${drop.from}${drop.to === undefined ? '' : ` ip daddr ${drop.to}`}`;
      const perMille = Math.round(drop.percent * 10);
      return [
        `add rule inet ${TABLE} fw ${match} counter name seen${number}`,
        `add rule inet ${TABLE} fw ${match} numgen random mod 1000 < ${perMille} counter name dropped${number} drop`,
      ].join('\n');
    });
    await this.#nft(`flush chain inet ${TABLE} fw\n${rules.join('\n')}\n`);
    this.#active = active;
  }

  async #count(number: number): Promise<DropCount> {
    const packets = async (name: string): Promise<number> => {
      const text = await run(['ip', 'netns', 'exec', this.#namespace, 'nft', 'list', 'counter', 'inet', TABLE, name]);
      const found = /packets (\d+)/.exec(text)?.[1];
      if (found === undefined) throw new Error(`nft counter ${name}: no figure in ${text}`);
      return Number(found);
    };
    const droppedPackets = await packets(`dropped${number}`);
    const seenPackets = await packets(`seen${number}`);
    return { seenPackets, droppedPackets, lossRatio: seenPackets === 0 ? 0 : droppedPackets / seenPackets };
  }

  async #nft(script: string): Promise<void> {
    await run(['ip', 'netns', 'exec', this.#namespace, 'nft', '-f', '-'], { input: script });
  }
}
