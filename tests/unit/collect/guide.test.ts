import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/main/collect/registry';

/** One command line of an examiner's guide a line. */
const GUIDE = readFileSync(new URL('guide-commands.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

/** What another part of Lading answers: an image is opened and a memory image read by analysis, on stored bytes. */
const ANALYSIS = ['tar -xf image.tar manifest.json -O | python -m json.tool', 'vol.py -f memory_dump linux_pslist'];
/** What no collector takes yet. A line leaves this list with the collector that takes it, and none may join it. */
const TO_COME = ['docker checkpoint create <container_id> checkpoint1', 'criu dump -t <container_pid> -D memory_dump/'];

/** The command that takes the evidence: what is done with its output is not part of it, and names are names. */
function command(line: string): string {
  const taken = line.split(/ (?:>|\|) /)[0] ?? '';
  return taken.replace(/<[^>]*>/g, '<>').trim();
}

/** Guide lines that no collector says it replaces. */
function uncovered(guide: readonly string[], replaces: readonly string[]): string[] {
  const whole = new Set(replaces);
  const commands = new Set(replaces.map(command));
  return guide.filter((line) => !whole.has(line) && !commands.has(command(line)));
}

describe('the guide', () => {
  const replaces = catalogue().flatMap((one) => one.replaces);

  it('has a collector for each of its command lines', () => {
    expect(GUIDE.length).toBeGreaterThan(50);
    expect(new Set(GUIDE).size).toBe(GUIDE.length);
    const known = [...ANALYSIS, ...TO_COME];
    expect(known.filter((line) => !GUIDE.includes(line))).toEqual([]);
    expect(uncovered(GUIDE, replaces).filter((line) => !known.includes(line))).toEqual([]);
  });

  it('would notice a line without one', () => {
    expect(uncovered(['docker frobnicate <container_id>'], replaces)).toEqual(['docker frobnicate <container_id>']);
    expect(uncovered(['docker logs <x> > a.txt'], ['docker logs <container_id>'])).toEqual([]);
    expect(uncovered(['docker logs -f <x>'], ['docker logs <container_id>'])).toEqual(['docker logs -f <x>']);
    expect(uncovered(['docker logs <x>'], [])).toEqual(['docker logs <x>']);
  });

  it('is told a question, a way, a footprint and needs by each collector', () => {
    for (const one of catalogue()) {
      expect([one.id, one.answers.length > 20, one.how.length > 20]).toEqual([one.id, true, true]);
      expect([one.id, one.needs.length > 0]).toEqual([one.id, true]);
    }
  });
});
