// Which ink can be read on a clinic's accent.

const DARK = '#14201f';
const LIGHT = '#ffffff';

/** White, or near-black where white would be harder to read than it. */
export function inkOn(accent: string): string {
  const light = luminance(accent) + 0.05;
  const dark = luminance(DARK) + 0.05;
  return 1.05 / light < light / dark ? DARK : LIGHT;
}

/** Relative luminance as WCAG defines it, of `#rrggbb`. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
