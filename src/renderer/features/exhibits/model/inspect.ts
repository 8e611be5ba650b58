/** The first bytes read as what they may be: integers in both orders, and seconds since 1970. At most 8 are looked at. */
export function inspectBytes(bytes: Uint8Array): { name: string; value: string }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const list: { name: string; value: string }[] = [];
  if (bytes.length >= 1) list.push({ name: 'u8', value: String(view.getUint8(0)) });
  if (bytes.length >= 2) {
    list.push({ name: 'u16 le', value: String(view.getUint16(0, true)) });
    list.push({ name: 'u16 be', value: String(view.getUint16(0, false)) });
  }
  if (bytes.length >= 4) {
    list.push({ name: 'u32 le', value: String(view.getUint32(0, true)) });
    list.push({ name: 'u32 be', value: String(view.getUint32(0, false)) });
    list.push({ name: 'time le', value: new Date(view.getUint32(0, true) * 1000).toISOString() });
  }
  if (bytes.length >= 8) {
    list.push({ name: 'i64 le', value: String(view.getBigInt64(0, true)) });
    list.push({ name: 'f64 le', value: String(view.getFloat64(0, true)) });
  }
  return list;
}
