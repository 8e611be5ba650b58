/** Texts that a host may give as a name, a log line or a path, built so that no editor has to show them. */
const ESC = '\u001b';
const RTL = '\u202e';

export const HOSTILE: Record<string, string> = {
  escapes: `${ESC}[31m${ESC}]0;owned\u0007\u0000\b\r\nrm -rf`,
  bidi: `invoice${RTL}fdp.exe\u2066\u200b`,
  html: '<script>alert(1)</script>&amp;"\'<!--',
  pdf: ') Tj ET\nendstream endobj (\\',
  long: 'x'.repeat(10_000),
  words: 'lorem '.repeat(2_000),
  zalgo: `Z${'\u0301\u0489'.repeat(300)}`,
  scripts: '漢字かな Ωж ß 한글 مرحبا שלום ไทย 🔥👩‍💻',
  lone: `\ud800 a \udc00`,
  wide: 'Ｗ𝕎﷽'.repeat(40),
};
export const ALL_HOSTILE: string = Object.values(HOSTILE).join(' ');
