import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { LiveSnapshot } from '../../../wire/live.ts';
import { LiveFakeServer } from './live-fake-server.ts';

/** One case of the browser test; it fails by throwing. */
export type BrowserCase = { readonly title: string; readonly run: (stage: Stage) => Promise<void> };

/** An open page before a fake hub. */
export type Opened = { readonly page: Page; readonly server: LiveFakeServer };

/** What a case works with. */
export type Stage = {
  /** Directory of the built page. */
  readonly directory: string;
  readonly browser: Browser;
  /** Opens the page before a fake hub that shows `first`; both end with the case. */
  readonly open: (first: LiveSnapshot, options?: OpenOptions) => Promise<Opened>;
  /** Keeps a picture in dist/browser under this name. */
  readonly picture: (page: Page, name: string, fullPage?: boolean) => Promise<void>;
};

/** How the page is opened. */
export type OpenOptions = {
  readonly context?: BrowserContextOptions;
  /** Fragment of the address. */
  readonly hash?: string;
  /** Runs before the page is loaded. */
  readonly before?: (opened: Opened) => Promise<void>;
};

/** Owns what one case opens; faults that the page itself reports (exceptions, console errors, policy violations) fail it. */
export class CaseStage implements Stage {
  readonly directory: string;
  readonly browser: Browser;
  readonly #pictures: string;
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #faults: string[] = [];

  constructor(directory: string, browser: Browser, pictures: string) {
    this.directory = directory;
    this.browser = browser;
    this.#pictures = pictures;
  }

  readonly open = async (first: LiveSnapshot, options: OpenOptions = {}): Promise<Opened> => {
    const server = await LiveFakeServer.start(this.directory, first);
    this.#closers.push(() => server.stop());
    const context = await this.browser.newContext({
      timezoneId: 'Europe/Berlin',
      viewport: { width: 1440, height: 900 },
      ...options.context,
    });
    this.#closers.push(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    page.on('pageerror', (error) => this.#faults.push(`exception: ${error.message}`));
    page.on('console', (message) => {
      const isOfNetwork = /WebSocket connection|ERR_/.test(message.text());
      if (message.type() === 'error' && !isOfNetwork) this.#faults.push(`console: ${message.text()}`);
    });
    const opened = { page, server };
    await options.before?.(opened);
    await page.goto(`${server.address}${options.hash ?? ''}`);
    return opened;
  };

  readonly picture = async (page: Page, name: string, fullPage = false): Promise<void> => {
    await page.screenshot({ path: `${this.#pictures}/${name}.png`, fullPage });
  };

  /** Closes what was opened. @throws AssertionError when a page reported a fault of its own. */
  async close(): Promise<void> {
    for (const closer of this.#closers.toReversed()) await closer();
    assert.deepEqual(this.#faults, [], 'the page reported faults');
  }
}

/** Waits until a reading fits, for at most `boundMs`; the last reading is named when it never did. */
export async function eventually<T>(
  what: string,
  read: () => T | Promise<T>,
  fits: (value: T) => boolean,
  boundMs = 8000,
): Promise<T> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (performance.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(value)} after ${boundMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
