// Loaded into every thread of the program before anything else: gives Node the program's sources without their types, from
// copies beside them. Node's own way keeps what it stripped and compiled in memory twice (8 MiB of a probe), and where it has
// to strip, the stripper too (20 MiB). A source without a copy of its own is stripped here, and its copy kept if the folder
// can be written; `trunkward prepare` makes all copies.
const { hash } = process.getBuiltinModule('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs');
const { threadId } = process.getBuiltinModule('node:worker_threads');
const { registerHooks, stripTypeScriptTypes } = process.getBuiltinModule('node:module');

const ROOT = new URL('.', import.meta.url).href;
const COPIES = new URL('.cache/plain/', ROOT).href;

/** What became of the sources of this thread: how many have their copy on disk, how many have not, and why the last of those has not. */
export const copies = { folder: COPIES, kept: 0, refused: 0, because: '' };

registerHooks({
  load(url, context, next) {
    const isOurs = url.startsWith(ROOT) && url.endsWith('.ts') && !url.includes('/node_modules/');
    if (!isOurs) return next(url, context);
    return { format: 'module', source: plainSource(url), shortCircuit: true };
  },
});

/** Lines and columns stay where they were. A copy ends with the hashes of its source and of itself, so that neither an old one nor a damaged one is taken. */
function plainSource(url) {
  const source = readFileSync(new URL(url), 'utf8');
  const copy = new URL(COPIES + url.slice(ROOT.length));
  const markOf = (text) => `\n// of ${process.version} ${hash('sha256', source)} ${hash('sha256', text)}\n`;
  const markLength = markOf('').length;
  const kept = ifSystemLets(() => readFileSync(copy, 'utf8'));
  if (kept?.endsWith(markOf(kept.slice(0, -markLength)))) {
    copies.kept += 1;
    return kept;
  }
  const text = stripTypeScriptTypes(source);
  const plain = text + markOf(text);
  const isKept = ifSystemLets(() => {
    // In one step, since two threads or processes may do this at a time.
    const part = new URL(`${copy.href}.${process.pid}.${threadId}`);
    mkdirSync(new URL('.', copy), { recursive: true });
    writeFileSync(part, plain);
    renameSync(part, copy);
    return true;
  });
  if (isKept) copies.kept += 1;
  else copies.refused += 1;
  return plain;
}

/** Nothing where the system refuses: no file, no permission, no room. */
function ifSystemLets(work) {
  try {
    return work();
  } catch (cause) {
    if (cause.syscall === undefined) throw cause;
    copies.because = cause.message;
    return undefined;
  }
}
