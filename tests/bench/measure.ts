/** What the benchmarks share: each figure is a ratio to a baseline that was measured in the same run, in turns. */
export interface Figure {
  name: string;
  baseline: string;
  ours: number;
  theirs: number;
  unit: string;
  /** Ours to theirs of the same turn, median; more is better where the unit is a rate. */
  ratio: number;
}

export const MIB = 1 << 20;

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begin) / 1e9;
}

/** Runs both in turn, so that what slows the machine slows both; says and gives the figure. `units` is the work of one run. */
export async function compare(
  name: string,
  baseline: string,
  work: { units: number; unit: string; runs: number; ours: () => Promise<unknown>; theirs: () => Promise<unknown> },
): Promise<Figure> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < work.runs; i++) {
    theirs.push(work.units / (await seconds(work.theirs)));
    ours.push(work.units / (await seconds(work.ours)));
  }
  const ratio = median(ours.map((value, i) => value / (theirs[i] as number)));
  const figure = { name, baseline, ours: median(ours), theirs: median(theirs), unit: work.unit, ratio };
  process.stderr.write(
    `${ratio.toFixed(2).padStart(6)}×  ${name}: ${short(figure.ours)} ${work.unit}; ${baseline}: ${short(figure.theirs)} ${work.unit}\n`,
  );
  return figure;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Watches this process's resident memory; `most` gives the peak in MiB. */
export function watchMemory(): { most(): number; stop(): void } {
  let most = process.memoryUsage().rss;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  return { most: () => most / MIB, stop: () => clearInterval(timer) };
}
