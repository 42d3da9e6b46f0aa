import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../../../../dashboards/live/src/style/tokens.css', import.meta.url), 'utf8');
const [lightCss = '', darkCss = ''] = css.split('@media (prefers-color-scheme: dark)');

const PAIRS = [
  ...['ground', 'surface', 'raised'].flatMap((ground) =>
    ['ink', 'ink-soft', 'accent'].map((ink) => [ink, ground] as const),
  ),
  ...['good', 'warn', 'bad', 'info', 'unknown'].map((tone) => [tone, `${tone}-soft`] as const),
  ...['good', 'warn', 'bad', 'info', 'unknown'].map((tone) => ['ink', `${tone}-soft`] as const),
] as const;

describe.each([
  ['light', lightCss],
  ['dark', darkCss],
])('%s colours', (_scheme, block) => {
  const colors = new Map(
    [...block.matchAll(/--([a-z-]+):\s*#([0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]),
  );

  test.each(PAIRS)('%s on %s reaches a contrast of 4.5 (WCAG 2.2, 1.4.3)', (ink, ground) => {
    expect(contrast(colors.get(ink), colors.get(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test('white on the solid red of hard-down and of banners reaches 4.5', () => {
    expect(contrast('ffffff', colors.get('bad-solid'))).toBeGreaterThanOrEqual(4.5);
  });
});

/** Contrast ratio of two sRGB colours, 1 to 21. @see WCAG 2.2, definition of contrast ratio and relative luminance. */
function contrast(a: string | undefined, b: string | undefined): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string | undefined): number {
  if (hex === undefined) return Number.NaN;
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
