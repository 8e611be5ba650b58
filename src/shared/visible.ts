/**
 * Text from a host made harmless to look at: control characters become their pictures (␛[31m), bidirectional overrides
 * and invisible characters become <U+202E>. Never applied to evidence, only to what is shown. `keepLines` leaves \n and \t.
 */
export function visible(text: string, options: { keepLines?: boolean; max?: number } = {}): string {
  const max = options.max ?? Number.POSITIVE_INFINITY;
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length} characters)` : text;
  return cut.replace(HIDDEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (options.keepLines && (char === '\n' || char === '\t')) return char;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '␡';
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** C0, DEL, C1, soft hyphen, bidi controls (UAX #9), zero-width, line separators, BOM, tags, lone surrogates. */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** Whether `visible` would change anything: worth a mark beside the text. */
export function hasHidden(text: string): boolean {
  return visible(text) !== text;
}
