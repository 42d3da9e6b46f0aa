/**
 * The thread in which packs are worked out and written: with a large fleet one takes a second, for which no probe is to wait.
 * Started by `pack-thread-client.ts` only.
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { assemblePack } from './assemble-pack.ts';
import { sha256Base64, sha256Hex } from './digest-client.ts';
import { type PackForm, writeForm } from './pack-form.ts';
import type { PackInput } from './pack-input.ts';
import { PAGE_STYLE } from './page-style.ts';
import { sealPack } from './seal-pack.ts';

/** The long lists of a pack's input; they come in pieces, so that handing one over takes no time that anybody would notice. */
export const LISTS = ['contexts', 'snapshots', 'rollups', 'media', 'journal'] as const;

/** What the thread is told: pieces in their order, then the rest. */
export type ToPackThread =
  | { readonly kind: 'piece'; readonly list: (typeof LISTS)[number]; readonly items: readonly unknown[] }
  | { readonly kind: 'make'; readonly rest: Omit<PackInput, (typeof LISTS)[number]>; readonly form: PackForm };

/** What it answers, once for each. The bytes are handed over, not copied. */
export type FromPackThread = { readonly place: string; readonly body: Uint8Array };

function noLists(): Record<(typeof LISTS)[number], unknown[]> {
  return { contexts: [], snapshots: [], rollups: [], media: [], journal: [] };
}

function serve(port: MessagePort): void {
  let lists = noLists();
  port.on('message', (told: ToPackThread) => {
    if (told.kind === 'piece') {
      for (const item of told.items) lists[told.list].push(item);
      return;
    }
    const input = { ...told.rest, ...(lists as Pick<PackInput, keyof typeof lists>) };
    lists = noLists();
    const pack = sealPack(assemblePack(input), sha256Hex);
    const written = writeForm(pack, told.form, { sha256: sha256Hex, styleDigest: sha256Base64(PAGE_STYLE) });
    const body = new Uint8Array(written);
    port.postMessage({ place: pack.verdict.place, body } satisfies FromPackThread, [body.buffer]);
  });
}

if (parentPort) serve(parentPort);
