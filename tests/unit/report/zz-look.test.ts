import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { buildModel } from '../../../src/main/report/model';
import { renderPdf } from '../../../src/main/report/pdf';
import { fixture } from './fixture';
it('look', async () => {
  const n = Number(process.env.N ?? 31);
  const t0 = performance.now();
  const input = fixture({ exhibits: n, entries: n > 1000 ? 6000 : 0, hostText: process.env.HT === undefined ? undefined : JSON.parse(process.env.HT) });
  const t1 = performance.now();
  const model = buildModel(input);
  const t2 = performance.now();
  const { bytes, pages } = await renderPdf(model);
  const t3 = performance.now();
  console.log({ pages, kB: bytes.length / 1000, fixture: t1 - t0, model: t2 - t1, render: t3 - t2, rss: process.memoryUsage().rss / 1e6, max: process.resourceUsage().maxRSS / 1e3 });
  writeFileSync(process.env.OUT ?? '/tmp/rf/look.pdf', bytes);
}, 300000);
