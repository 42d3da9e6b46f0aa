/**
 * Upper bounds of the loss-run histogram in `StreamFigures`: runs of 1, 2, 3, 4, 5-8, 9-16, 17-32 packets; longer ones come
 * last. Alone in its file, so that a thread that counts packets need not load the schemas.
 */
export const LOSS_RUN_BOUNDS: readonly number[] = [1, 2, 3, 4, 8, 16, 32];
