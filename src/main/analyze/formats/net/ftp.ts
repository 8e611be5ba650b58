/** A file that a control connection of FTP (RFC 959, 2428) announces, with the end that its data comes to. */
export interface FtpTransfer {
  /** 'address:port' of who listens for the data connection. */
  listener: string;
  /** 'download': from the server. */
  way: 'download' | 'upload';
  name: string;
}

/** Reads both directions of a control connection; `seen` is told of each transfer before its data can come. */
export function ftpReader(serverAddress: string, seen: (transfer: FtpTransfer) => void) {
  let listener: string | undefined;
  let wanted: { way: 'download' | 'upload'; name: string } | undefined;
  const tell = () => {
    if (listener === undefined || !wanted) return;
    seen({ listener, ...wanted });
    listener = undefined;
    wanted = undefined;
  };
  const six = (text: string) => {
    const numbers = text.split(',').map(Number);
    if (numbers.length !== 6 || numbers.some((one) => !(one >= 0 && one <= 255))) return undefined;
    return `${numbers.slice(0, 4).join('.')}:${(numbers[4] as number) * 256 + (numbers[5] as number)}`;
  };
  return {
    server(line: string): void {
      const passive = /^227 .{0,200}?(\d{1,3}(?:,\d{1,3}){5})/.exec(line)?.[1];
      if (passive) listener = six(passive);
      const extended = /^229 .{0,200}?\(\|\|\|(\d{1,5})\|\)/.exec(line)?.[1];
      if (extended) listener = `${serverAddress}:${extended}`;
    },
    client(line: string): void {
      const active = /^PORT (\d{1,3}(?:,\d{1,3}){5})$/i.exec(line)?.[1];
      if (active) listener = six(active);
      const file = /^(RETR|STOR|APPE|STOU) ?(.{0,1000})$/i.exec(line);
      if (file) {
        wanted = { way: /^RETR/i.test(file[1] ?? '') ? 'download' : 'upload', name: file[2] ?? '' };
        tell();
      }
    },
  };
}
