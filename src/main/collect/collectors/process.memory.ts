import { defineCollector } from '../collector';
import { takeProcesses } from '../memory/processes';
import { MemoryChoice } from '../memory/regions';

export default defineCollector({
  id: 'process.memory',
  version: '1.0.0',
  title: 'Memory of the processes',
  answers: 'What do the container’s processes have in memory: secrets, typed commands, unpacked programs, connections?',
  how: 'Reads every mapping of each process through the host’s /proc/<pid>/mem into an ELF core, with a record of what of each mapping was asked for and had. No process is stopped, nothing is written; pages of files that were not in RAM come into it.',
  replaces: ['gcore <pid>', 'gdb -p <pid> -batch -ex generate-core-file', 'dd if=/proc/<pid>/mem'],
  scope: 'container',
  volatility: 'memory',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  input: MemoryChoice,
  // A page that gives no answer ends after 100 seconds.
  stallMs: 300_000,
  collect: (ctx, target, input) => takeProcesses(ctx, target, MemoryChoice.parse(input), { source: 'process.memory' }),
});
