// What a host can say to harm whoever shows it. Every value is inert; `\x1b]0;…` only renames a terminal.
export const ESCAPES =
  '\x1b[2J\x1b[31mRED\x1b[0m\x1b]0;owned\x07\x1b]8;;http://update-cdn.example\x07link\x1b]8;;\x07\x9b31m\b\b\b';
export const BIDI = 'invoice_\u202Egpj.exe\u2066\u2069\u200Fabc\u061C';
export const HTML = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>&lt;b&gt;';
export const FORMULA = '=HYPERLINK("http://update-cdn.example","click")';
export const FORGED = 'ok\r\n2026-01-01T00:00:00.000Z {"forged":"line"}\n../../../../etc/passwd\tand on';
export const INVISIBLE = 'pay\u200Bpal\uFEFF\u00AD\u2028\u2029 раураl a\u0301\u0300\u0301\u0300 \uFFF9\u{E0041}';
export const PROTO = '__proto__';
export const SHELL = '$(touch /tmp/lading-was-here)`touch /tmp/lading-was-here`;touch /tmp/lading-was-here;\'"|&';
/** 10,000 characters, each place of it recognisable. */
export const LONG = Array.from({ length: 1250 }, (_, i) => `L${String(i).padStart(6, '0')}.`).join('');
/** Not UTF-8: a lone continuation byte, an overlong '/', a lone surrogate, a cut sequence. */
export const BROKEN = Buffer.from([0x62, 0x61, 0x64, 0x80, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff, 0xfe, 0xe2, 0x82]);

/** File names as bytes; each at most 255, none with / or NUL, none that ends in a line feed (`$()` would cut it). */
export const FILE_NAMES = [
  Buffer.from(`${ESCAPES}.txt`.replaceAll('/', '_')),
  Buffer.from(BIDI),
  Buffer.from('<img src=x onerror=alert(1)>.html'),
  Buffer.from('two\nlines\r.txt'),
  Buffer.from('-rf'),
  Buffer.from('CON.txt '),
  Buffer.from('back\\slash:colon?star*.txt'),
  Buffer.from('$(touch lading-was-here).txt'),
  BROKEN,
  Buffer.from('N'.repeat(255)),
];

/** A path of 3,600 bytes: near what the kernel takes (PATH_MAX, 4,096), beyond what a screen or Windows does. */
export const DEEP = `/data/deep${`/${'d'.repeat(255)}`.repeat(14)}/end`;

/** Lines of a log as bytes, without their line feed. */
export const LOG_LINES = [
  ESCAPES,
  BIDI,
  HTML,
  FORMULA,
  'first\rsecond',
  INVISIBLE,
  SHELL,
  LONG,
  '{"log":"forged","stream":"stdout"}',
]
  .map((line) => Buffer.from(line))
  .concat([BROKEN, Buffer.from('W'.repeat(40_000))]);

/** For printf(1): every byte as an octal escape. */
export const octal = (buffer) => Array.from(buffer, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
