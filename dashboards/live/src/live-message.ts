import type { LiveMessage } from '../../../wire/live.ts';

/** A message of the hub, or why the text is none. */
export type LiveMessageResult =
  | { readonly ok: true; readonly message: LiveMessage }
  | { readonly ok: false; readonly fault: 'not-json' | 'unknown-type' | 'bad-sequence' | 'missing-list' };

const SNAPSHOT_LISTS = ['pbxes', 'paths', 'verdicts', 'routes', 'journal'] as const;

/**
 * Reads one text message. The page trusts its own hub for the fields inside (wire/live.ts), so only the outline is
 * checked: enough that a proxy's error page or another version's message can never be folded in.
 */
export function parseLiveMessage(text: string): LiveMessageResult {
  const value = parseJson(text);
  if (value === undefined) return { ok: false, fault: 'not-json' };
  const { type, sequence } = value;
  if (type !== 'snapshot' && type !== 'delta') return { ok: false, fault: 'unknown-type' };
  if (!Number.isSafeInteger(sequence)) return { ok: false, fault: 'bad-sequence' };
  const lists: readonly string[] = type === 'delta' ? ['changes'] : SNAPSHOT_LISTS;
  if (!lists.every((name) => Array.isArray(value[name]))) return { ok: false, fault: 'missing-list' };
  return { ok: true, message: value as LiveMessage & Record<string, unknown> };
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
