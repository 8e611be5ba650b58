import { lineReader } from './lines';
import { faultList, type LogFormat } from './record';
import { epochTime } from './time';

/**
 * Shell histories: bash with HISTTIMEFORMAT (#seconds before each command), zsh's EXTENDED_HISTORY (: seconds:duration;command),
 * fish (- cmd: … / when: …). Commands without a time are entries without one. Told by the file's name.
 */
export const history: LogFormat = {
  id: 'history',
  title: 'shell history',
  sniff: () => 0,
  reader(take) {
    const faults = faultList();
    let stamp: { seconds: string; offset: number; line: number } | undefined;
    let fish: { command: string; offset: number; length: number; line: number } | undefined;
    const command = (
      text: string,
      seconds: string | undefined,
      place: { offset: number; length: number; line: number },
    ) =>
      take({
        time: seconds === undefined ? undefined : epochTime(seconds),
        desc: 'Command typed',
        message: text,
        fields: { command: text },
        ...place,
      });
    const flushFish = () => {
      if (fish) command(fish.command, undefined, { offset: fish.offset, length: fish.length, line: fish.line });
      fish = undefined;
    };
    const lines = lineReader((line) => {
      const { text, offset, length, number } = line;
      if (text.trim() === '') return;
      const when = /^ {2,4}when: (\d{9,10})$/.exec(text);
      if (fish && when) {
        command(fish.command, when[1], { offset: fish.offset, length: offset + length - fish.offset, line: fish.line });
        fish = undefined;
        return;
      }
      if (text.startsWith('- cmd: ')) {
        flushFish();
        fish = { command: text.slice(7), offset, length, line: number };
        return;
      }
      // fish's list of paths below a command
      if (/^ {2,6}(?:paths:|- )/.test(text)) return;
      flushFish();
      const bash = /^#(\d{9,10})$/.exec(text);
      if (bash?.[1]) {
        stamp = { seconds: bash[1], offset, line: number };
        return;
      }
      const zsh = /^: (\d{9,10}):\d{1,9};(.*)$/s.exec(text);
      if (zsh) command(zsh[2] ?? '', zsh[1], { offset, length, line: number });
      else if (stamp) {
        command(text, stamp.seconds, {
          offset: stamp.offset,
          length: offset + length - stamp.offset,
          line: stamp.line,
        });
      } else command(text, undefined, { offset, length, line: number });
      stamp = undefined;
    });
    return {
      push: (chunk) => lines.push(chunk),
      end() {
        lines.end();
        flushFish();
        return faults.end();
      },
    };
  },
};
