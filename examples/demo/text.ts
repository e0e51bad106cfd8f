/** A character as a person counts them may be several code points. */
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What takes two columns in a terminal, as near as Unicode's properties tell. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]|\uFE0F/u;

/** What takes none, when it stands alone. */
const EMPTY = /^\p{M}/u;

/** What would move the cursor, change colours or turn the direction of text, which no cluster may do. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with everything visible that is not: what a server sends may hold anything. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** How many columns of a terminal a printable text takes. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

/** The text in exactly so many columns: filled up with spaces, or cut, which `…` shows. */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const spare = width - widthOf(text);
  if (spare >= 0) return align === "left" ? text + " ".repeat(spare) : " ".repeat(spare) + text;
  if (width <= 0) return "";
  let kept = "";
  let left = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= widthOfGrapheme(segment);
    if (left < 0) break;
    kept += segment;
  }
  return fit(`${kept}…`, width, align); // a wide character that was left out may have left a gap
}

function widthOfGrapheme(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : EMPTY.test(grapheme) ? 0 : 1;
}
