import type { Page } from 'playwright-core';

/** What was changed below an element since counting began. */
export type Mutations = {
  readonly records: number;
  /** Paths of the cells touched, each once, sorted; `?` for anything that is no cell. */
  readonly elements: readonly string[];
};

/** Starts counting every change below `selector`. */
export async function startCounting(page: Page, selector: string): Promise<void> {
  await page.evaluate(`{
    window.counted = [];
    new MutationObserver((records) => window.counted.push(...records)).observe(
      document.querySelector(${JSON.stringify(selector)}),
      { subtree: true, childList: true, attributes: true, characterData: true },
    );
  }`);
}

/** Reads what was counted. */
export async function countMutations(page: Page): Promise<Mutations> {
  return page.evaluate<Mutations>(`({
    records: window.counted.length,
    elements: [...new Set(window.counted.map(({ target }) => {
      const element = target instanceof Element ? target : target.parentElement;
      return element?.closest('[data-path]')?.dataset.path ?? '?';
    }))].sort(),
  })`);
}
