/** Text in which values that are secrets by their name or form are hidden from a screen, and how many were. */
export interface MaskedText {
  text: string;
  secrets: number;
}

/** `"auth": "…"` and the like in JSON: registries and contexts of Docker and Podman, cloud credentials. */
const JSON_VALUE =
  /("(?:auth|identitytoken|registrytoken|[\w.-]{0,40}(?:password|passwd|passphrase|secret|token|credential|api_?key|private_?key|access_?key)[\w.-]{0,20})"\s{0,20}:\s{0,20}")((?:[^"\\]|\\.){1,65536})(")/gi;
/** `DB_PASSWORD=…` in environments and settings, to the end of the line or of a NUL-terminated item. */
const ASSIGNED =
  /(\b[\w.-]{0,40}(?:password|passwd|passphrase|secret|token|credential|api_?key|private_?key|access_?key)[\w.-]{0,20}=)([^\s\0␀"']{1,65536})/gi;
/** RFC 7468 section 10 and its forms of OpenSSL and OpenSSH; one whose end is cut off is masked to the end. */
const PRIVATE_KEY =
  /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)([\s\S]{1,65536}?)(-----END [A-Z ]{0,30}PRIVATE KEY-----|$(?![\s\S]))/g;

/**
 * Hides secrets in text that a person looks at; the exhibit keeps them. Each is replaced by its length, so that two can be
 * told apart from none. Takes text of any origin; every pattern is bounded.
 */
export function maskSecrets(text: string): MaskedText {
  let secrets = 0;
  const hide = (_: string, before: string, value: string, after = '') => {
    secrets += 1;
    return `${before}••• ${[...value].length} characters •••${after}`;
  };
  const masked = text
    .replace(PRIVATE_KEY, (_, before: string, value: string, after: string) => hide(_, before, value, after))
    .replace(JSON_VALUE, (_, before: string, value: string, after: string) => hide(_, before, value, after))
    .replace(ASSIGNED, (_, before: string, value: string) => hide(_, before, value));
  return { text: masked, secrets };
}
