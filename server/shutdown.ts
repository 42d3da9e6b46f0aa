/** One thing to be ended. */
export type ShutdownStep = () => void | Promise<void>;

/**
 * Ends things in order, each after the one before. A step that fails does not keep the later ones from being taken: what is
 * still in memory reaches the disk only in the last.
 *
 * @throws what the first failing step threw, once all have been taken.
 */
export async function shutDown(steps: readonly ShutdownStep[]): Promise<void> {
  const [step, ...later] = steps;
  if (!step) return;
  try {
    await step();
  } catch (cause) {
    await Promise.allSettled([shutDown(later)]);
    throw cause;
  }
  await shutDown(later);
}
