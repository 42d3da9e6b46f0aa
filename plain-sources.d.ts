/** What became of the sources of this thread; `folder` is a file URL, `because` the system's words for the last that was refused. */
export const copies: {
  readonly folder: string;
  readonly kept: number;
  readonly refused: number;
  readonly because: string;
};
