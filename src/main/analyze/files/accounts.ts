/** Names of a container's own users or groups by their numbers; of two with one number the first counts, as getpwuid(3). */
export function namesById(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if (name !== '' && /^\d{1,10}$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}

/** A line of passwd(5) with its place in the file. */
export interface Account {
  name: string;
  uid: number;
  shell: string;
  line: string;
  /** Bytes before the line in the file. */
  offset: number;
  length: number;
}

/** The accounts of a passwd(5) file; lines of another form are left out. */
export function accountsOf(bytes: Buffer): Account[] {
  const accounts: Account[] = [];
  for (let from = 0; from < bytes.length; ) {
    const feed = bytes.indexOf(10, from);
    const end = feed === -1 ? bytes.length : feed;
    const line = bytes.toString('utf8', from, end);
    const fields = line.split(':');
    if (fields.length === 7 && /^\d{1,10}$/.test(fields[2] ?? '')) {
      accounts.push({
        name: fields[0] ?? '',
        uid: Number(fields[2]),
        shell: fields[6] ?? '',
        line,
        offset: from,
        length: end - from,
      });
    }
    from = end + 1;
  }
  return accounts;
}
